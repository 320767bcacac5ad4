/* twopass.h with 16 lanes: a third of the instructions are loads and stores, so twice the width is what counts. Needs
 * AVX-512 F and DQ; gains nothing on AVX2 where rows come from memory. */
#if defined(__x86_64__)
#include "../softmax/lanes_avx512.h"

MG_TARGET_AVX512
#include "twopass.h"
MG_UNTARGET

const mg_variant mg_norm_twopass__avx512 = {
    .name = "twopass__avx512",
    .kind = MG_SIMD,
    .needs = MG_AVX512,
    .story = "residual added in a pass of its own; mean, then variance, then scale, a row in L1",
    .run = twopass,
};
#endif
