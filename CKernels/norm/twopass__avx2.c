/* twopass.h with 8 lanes, for every x86 CPU since 2013. Needs AVX2 and FMA; tails by masked loads and stores, slow on
 * AMD but once a row. */
#if defined(__x86_64__)
#include "../softmax/lanes_avx2.h"

MG_TARGET_AVX2
#include "twopass.h"
MG_UNTARGET

const mg_variant mg_norm_twopass__avx2 = {
    .name = "twopass__avx2",
    .kind = MG_SIMD,
    .needs = MG_AVX2 | MG_FMA,
    .story = "residual added in a pass of its own; mean, then variance, then scale, a row in L1",
    .run = twopass,
};
#endif
