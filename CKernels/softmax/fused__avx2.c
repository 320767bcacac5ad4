/* fused.tmpl.h with 8 lanes, for every x86 CPU since 2013: 16 registers, 2^n put together by integer instructions,
   tails by masked loads and stores, which are slow on AMD but happen once a row. Needs AVX2 and FMA. */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
#include "fused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_softmax_fused__avx2 = {.run = fused};
#endif
