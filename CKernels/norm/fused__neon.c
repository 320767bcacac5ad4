/* fused.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions a value as AVX2. */
#if defined(__aarch64__)
#include "../softmax/lanes_neon.h"

#include "fused.h"

const mg_variant mg_norm_fused__neon = {
    .name = "fused__neon",
    .kind = MG_FUSED,
    .needs = MG_NEON,
    .story = "residual added while the row is read for its mean; s is stored once and stays in L1",
    .run = fused,
};
#endif
