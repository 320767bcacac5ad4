/* ffn, fused, AVX-512 BF16: as `fused__avx512`, with pairs of bf16 in each lane (vdpbf16ps). The hidden values of a
   block of tokens are activated in f32, and rounded to bf16 on their way into the slivers of the second product, some
   hundred columns at a time: as floats they would fill the second cache. Against `fused__avx512`: twice the
   multiplications an instruction, half the bytes of weights, so both limits rise. Loses where few tokens leave the tile
   empty: there `unfused__avx512bf16` is as fast. Needs bf16 operands; the instruction takes subnormal inputs for zero.
 */
#if defined(__x86_64__)
#include "matmul/gemm_avx512bf16.h"
MG_TARGET_AVX512_BF16
#include "matmul/gemm.tmpl.h"
#include "fused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_ffn_fused__avx512bf16 = {
    .refuses = fused_refuses,
    .packed_bytes = fused_packed_bytes,
    .pack = fused_pack,
    .workspace_bytes = fused_workspace_bytes,
    .run = fused_run,
};
#endif
