/* matmul, fused, AVX2: `packed`, with the epilogue inside: a tile of C goes through bias, activation and residual
   before it is stored for the first time.
   Against `packed`: C is written once instead of written, read and written again. The same where there is no
   epilogue. */
#if defined(__x86_64__)
#include "gemm_avx2.h"
MG_TARGET_AVX2
#include "gemm.tmpl.h"
#include "product.tmpl.h"
MG_UNTARGET

const mg_kernel mg_matmul_fused__avx2 = {
    .packed_bytes = product_packed_bytes,
    .pack = product_pack,
    .workspace_bytes = product_workspace_bytes,
    .run = product_run_fused,
};
#endif
