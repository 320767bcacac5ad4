/* ffn, unfused, AVX2: two products on packed weights (three for SwiGLU), and a pass over the hidden values between
   them. Against BLAS: no packing of weights in the call, and a vector activation. The yardstick for `fused`.
   Loses where the hidden values of all tokens outgrow the caches: they are written, read, written and read again. */
#if defined(__x86_64__)
#include "matmul/gemm_avx2.h"
MG_TARGET_AVX2
#include "matmul/gemm.tmpl.h"
#include "unfused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_ffn_unfused__avx2 = {
    .refuses = unfused_refuses,
    .packed_bytes = unfused_packed_bytes,
    .pack = unfused_pack,
    .workspace_bytes = unfused_workspace_bytes,
    .run = unfused_run,
};
#endif
