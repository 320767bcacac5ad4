/* rowwise.h with 4 lanes: the dot products of 16 keys go side by side. Needs NEON, which every 64-bit Arm has.
   Loses to flash__neon wherever several queries could share K and V, to decode__neon where they must share the
   workers. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "rowwise.h"

const mg_variant mg_attention_rowwise__neon = {
    .name = "rowwise__neon",
    .kind = MG_SIMD,
    .needs = MG_NEON,
    .story = "one query at a time: a row of scores, softmax, weighted sum of V",
    .workspace_bytes = rowwise_workspace,
    .run = rowwise,
};
#endif
