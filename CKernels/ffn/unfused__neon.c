/* ffn, unfused, NEON: two products on packed weights (three for SwiGLU), and a pass over the hidden values between
   them. Against BLAS: no packing of weights in the call, and a vector activation. The yardstick for `fused`.
   Loses where the hidden values of all tokens outgrow the caches: they are written, read, written and read again. */
#if defined(__aarch64__)
#include "matmul/gemm_neon.h"
#include "matmul/gemm.tmpl.h"
#include "unfused.tmpl.h"

const mg_kernel mg_ffn_unfused__neon = {
    .refuses = unfused_refuses,
    .packed_bytes = unfused_packed_bytes,
    .pack = unfused_pack,
    .workspace_bytes = unfused_workspace_bytes,
    .run = unfused_run,
};
#endif
