/* rowwise.tmpl.h with 16 lanes: the dot products of 16 keys go side by side, their sums across lanes are taken at once.
   Against the unvectorized form a score costs dim/16 multiply-adds. Needs AVX-512 F, BW, DQ and VL.
   Loses to flash__avx512 wherever several queries could share K and V, to decode__avx512 where they must share the
   workers. */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
#include "rowwise.tmpl.h"
MG_UNTARGET

const mg_kernel mg_attention_rowwise__avx512 = {
    .workspace_bytes = rowwise_workspace,
    .run = rowwise,
};
#endif
