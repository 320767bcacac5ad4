/* matmul, fused, AVX-512 BF16: `packed__avx512bf16` with bias, activation and residual inside. */
#if defined(__x86_64__)
#include "gemm_avx512bf16.h"
MG_TARGET_AVX512_BF16
#include "gemm.tmpl.h"
#include "product.tmpl.h"
MG_UNTARGET

static const char *refuses(const void *arguments) {
    return ((const mg_matmul *)arguments)->dtype == MG_BF16 ? NULL : "its instruction multiplies bf16 only";
}

const mg_kernel mg_matmul_fused__avx512bf16 = {
    .refuses = refuses,
    .packed_bytes = product_packed_bytes,
    .pack = product_pack,
    .workspace_bytes = product_workspace_bytes,
    .run = product_run_fused,
};
#endif
