/* matmul, contract, AVX-512: the contract of a BLAS call, where B may be new each time, so each call packs it.
   Against `packed`: the copy of B (K·N values read and written) comes on top; it is lost in products with many rows.
   Needs a workspace as large as B. Source: Goto and van de Geijn 2008. */
#if defined(__x86_64__)
#include "isa_avx512.h"
#include "mg_transpose_avx512.h"
MG_TARGET_AVX512
#include "gemm.h"
#include "product.h"
#include "contract.h"
MG_UNTARGET

const mg_variant mg_matmul_contract__avx512 = {
    .name = "contract__avx512",
    .kind = MG_SIMD,
    .needs = MG_AVX512 | MG_FMA,
    .story = "packs B at each call, as BLAS must, tiles of 14 x 32",
    .workspace_bytes = product_contract_workspace_bytes,
    .run = product_run_contract,
};
#endif
