/* matmul, contract, AVX2: the contract of a BLAS call, where B may be new each time, so each call packs it.
   Against `packed`: the copy of B (K·N values read and written) comes on top; it is lost in products with many rows.
   Needs a workspace as large as B. Source: Goto and van de Geijn 2008. */
#if defined(__x86_64__)
#include "gemm_avx2.h"
MG_TARGET_AVX2
#include "gemm.tmpl.h"
#include "product.tmpl.h"
#include "contract.tmpl.h"
MG_UNTARGET

const mg_kernel mg_matmul_contract__avx2 = {
    .workspace_bytes = product_contract_workspace_bytes,
    .run = product_run_contract,
};
#endif
