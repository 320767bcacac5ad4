/* matmul, packed, AVX2: the weights are laid out once, as a model would at load; a call multiplies only.
   Against `contract`: no copy of B in the call, which is most of the time of a product with few rows.
   Loses when B changes at every call. bf16 operands are widened to f32 while they are packed.
   Source: Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication". */
#if defined(__x86_64__)
#include "gemm_avx2.h"
MG_TARGET_AVX2
#include "gemm.tmpl.h"
#include "product.tmpl.h"
MG_UNTARGET

const mg_kernel mg_matmul_packed__avx2 = {
    .packed_bytes = product_packed_bytes,
    .pack = product_pack,
    .workspace_bytes = product_workspace_bytes,
    .run = product_run_packed,
};
#endif
