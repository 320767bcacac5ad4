/* ffn, unfused, AVX-512 BF16: vdpbf16ps multiplies two neighbours of K in each lane, twice the rate of f32, and weights
   take half the bytes. Against `unfused__avx512`: the pass in the middle also rounds the hidden values to bf16, as a
   framework does that keeps them in memory. Loses to `fused__avx512bf16` by that pass, which is now a larger part of
   the whole. Needs bf16 operands; the instruction takes subnormal inputs for zero. */
#if defined(__x86_64__)
#include "matmul/gemm_avx512bf16.h"
MG_TARGET_AVX512_BF16
#include "matmul/gemm.tmpl.h"
#include "unfused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_ffn_unfused__avx512bf16 = {
    .refuses = unfused_refuses,
    .packed_bytes = unfused_packed_bytes,
    .pack = unfused_pack,
    .workspace_bytes = unfused_workspace_bytes,
    .run = unfused_run,
};
#endif
