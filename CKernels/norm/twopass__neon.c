/* twopass.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions a value as AVX2. */
#if defined(__aarch64__)
#include "../softmax/lanes_neon.h"

#include "twopass.h"

const mg_variant mg_norm_twopass__neon = {
    .name = "twopass__neon",
    .kind = MG_SIMD,
    .needs = MG_NEON,
    .story = "residual added in a pass of its own; mean, then variance, then scale, a row in L1",
    .run = twopass,
};
#endif
