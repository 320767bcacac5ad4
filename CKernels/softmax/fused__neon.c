/* fused.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions an element as AVX2. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "fused.h"

const mg_variant mg_softmax_fused__neon = {
    .name = "fused__neon",
    .kind = MG_FUSED,
    .needs = MG_NEON,
    .story = "three passes with scale and causal mask folded in; hidden columns cost nothing",
    .run = fused,
};
#endif
