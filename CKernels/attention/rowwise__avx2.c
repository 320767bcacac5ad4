/* rowwise.tmpl.h with 8 lanes: the dot products of 8 keys go side by side. Needs AVX2 and FMA.
   Loses to flash__avx2 wherever several queries could share K and V, to decode__avx2 where they must share the
   workers. */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
#include "rowwise.tmpl.h"
MG_UNTARGET

const mg_kernel mg_attention_rowwise__avx2 = {
    .workspace_bytes = rowwise_workspace,
    .run = rowwise,
};
#endif
