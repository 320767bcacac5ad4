/* polynomial.tmpl.h with 16 lanes: vscalefps multiplies by 2^n, a mask does the last values, and 32 registers hold all
   constants. Twice the work for each instruction of AVX2, and fewer of them; where 512-bit units are halves in turn
   (Zen 4), only the latter counts. Needs AVX-512 F and DQ. */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
#include "polynomial.tmpl.h"
MG_UNTARGET

const mg_kernel mg_elementwise_polynomial__avx512 = {.run = polynomial};
#endif
