/* matmul, fused, NEON: `packed`, with the epilogue inside: a tile of C goes through bias, activation and residual
   before it is stored for the first time.
   Against `packed`: C is written once instead of written, read and written again. The same where there is no
   epilogue. */
#if defined(__aarch64__)
#include "gemm_neon.h"
#include "gemm.tmpl.h"
#include "product.tmpl.h"

const mg_kernel mg_matmul_fused__neon = {
    .packed_bytes = product_packed_bytes,
    .pack = product_pack,
    .workspace_bytes = product_workspace_bytes,
    .run = product_run_fused,
};
#endif
