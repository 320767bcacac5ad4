/* Quantised matmul in f32 with the weights widened inside the product, AVX-512.

   Against `blas`: the f32 matrix never exists. A block becomes floats in registers (up to three rows of A) or in a 16
   KB buffer in the first-level cache (more rows), so memory sees the quantised bytes only, and bias and activation
   are applied before C is first written. Against `int8__avx512vnni`: the activations stay f32, so the result is that
   of an f32 product with the decoded weights; it is three to five times slower. Tile 12x32 over chunks of 128 k.
   Needs AVX-512 F, BW, DQ, VL. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "../ffn/mg_activation_avx512.h"
#include "quantized_layout.h"

MG_TARGET_AVX512
#include "quantized_lanes_avx512.h"
#define MG_ROWS 12
#define MG_VECTORS 2
#include "quantized_fused.h"
MG_UNTARGET

const mg_variant mg_quantized_matmul_fused__avx512 = {
    .name = "fused__avx512",
    .kind = MG_FUSED,
    .needs = MG_AVX512,
    .story = "f32 product, weights widened in registers or first-level cache, bias and activation in the epilogue",
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_fused_pack,
    .workspace_bytes = mg_fused_workspace_bytes,
    .run = mg_fused_run,
};
#endif
