/* online.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions an element as AVX2. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "online.h"

const mg_variant mg_softmax_online__neon = {
    .name = "online__neon",
    .kind = MG_SIMD,
    .needs = MG_NEON,
    .story = "running max and sum in one read, then exp again: fewest bytes, twice the exponentials",
    .run = online,
};
#endif
