/* matmul, packed, AVX-512 BF16: vdpbf16ps multiplies two neighbours of K in each lane, twice the rate of f32.
   Against `packed__avx512`, which widens bf16 to f32: half the bytes of B and half the instructions.
   Needs bf16 operands. The instruction flushes denormals and rounds the sum of its two products once. */
#if defined(__x86_64__)
#include "gemm_avx512bf16.h"
MG_TARGET_AVX512_BF16
#include "gemm.tmpl.h"
#include "product.tmpl.h"
MG_UNTARGET

static const char *refuses(const void *arguments) {
    return ((const mg_matmul *)arguments)->dtype == MG_BF16 ? NULL : "its instruction multiplies bf16 only";
}

const mg_kernel mg_matmul_packed__avx512bf16 = {
    .refuses = refuses,
    .packed_bytes = product_packed_bytes,
    .pack = product_pack,
    .workspace_bytes = product_workspace_bytes,
    .run = product_run_packed,
};
#endif
