/* threepass.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions an element as AVX2. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "threepass.h"

const mg_variant mg_softmax_threepass__neon = {
    .name = "threepass__neon",
    .kind = MG_SIMD,
    .needs = MG_NEON,
    .story = "max; exp, sum and store; scale: each exponential once",
    .run = threepass,
};
#endif
