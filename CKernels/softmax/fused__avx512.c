/* fused.tmpl.h with 16 lanes: tails are masked for nothing, 2^n is one instruction (vscalefps), and 32 registers hold
   all constants of exp. Needs AVX-512 F, BW, DQ and VL; on a CPU that halves its 512-bit units it gains little on AVX2.
 */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
#include "fused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_softmax_fused__avx512 = {.run = fused};
#endif
