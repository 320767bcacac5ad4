/* Quantised matmul in f32 with the weights widened inside the product, AVX-512.

   Against `blas`: the f32 matrix never exists. A block becomes floats in registers (up to three rows of A) or in a 16
   KB buffer in the first-level cache (more rows), so memory sees the quantised bytes only, and bias and activation
   are applied before C is first written. Against `int8__avx512vnni`: the activations stay f32, so the result is that
   of an f32 product with the decoded weights; it is three to five times slower. Tile 12x32 over chunks of 128 k.
   Needs AVX-512 F, BW, DQ, VL. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "functions/avx512.h"
#include "quantized_layout.h"

MG_TARGET_AVX512
#include "quantized_bits_avx512.tmpl.h"
#define MG_ROWS 12
#define MG_VECTORS 2
#include "quantized_fused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_quantized_matmul_fused__avx512 = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_fused_pack,
    .workspace_bytes = mg_fused_workspace_bytes,
    .run = mg_fused_run,
};
#endif
