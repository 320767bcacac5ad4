/* ffn, fused, NEON: a block of tokens goes through both products while its hidden values stay in the second cache.
   Against `unfused`: bias and activation happen while a tile is in registers, SwiGLU's gate and value share that tile,
   and the hidden values never travel to memory. Few tokens share the columns instead, so each weight is read once.
   Loses nothing that was seen; with few tokens both are bound by the stream of weights.
   Sources: Goto and van de Geijn 2008 for the products, Shazeer 2020 ("GLU variants improve transformer"). */
#if defined(__aarch64__)
#include "matmul/gemm_neon.h"
#include "matmul/gemm.tmpl.h"
#include "fused.tmpl.h"

const mg_kernel mg_ffn_fused__neon = {
    .refuses = fused_refuses,
    .packed_bytes = fused_packed_bytes,
    .pack = fused_pack,
    .workspace_bytes = fused_workspace_bytes,
    .run = fused_run,
};
#endif
