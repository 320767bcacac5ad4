/* rowwise.tmpl.h with 4 lanes: the dot products of 16 keys go side by side. Needs NEON, which every 64-bit Arm has.
   Loses to flash__neon wherever several queries could share K and V, to decode__neon where they must share the
   workers. */
#if defined(__aarch64__)
#include "functions/neon.h"

#include "rowwise.tmpl.h"

const mg_kernel mg_attention_rowwise__neon = {
    .workspace_bytes = rowwise_workspace,
    .run = rowwise,
};
#endif
