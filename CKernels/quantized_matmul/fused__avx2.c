/* Quantised matmul in f32 with the weights widened inside the product, AVX2.

   Against `fused__avx512`: the same with 8 lanes and 16 registers; tile 6x16 over chunks of 128 k in an 8 KB buffer.
   Needs AVX2, FMA and F16C. Loses at one row, where widening takes more instructions than multiplying. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "functions/avx2.h"
#include "quantized_layout.h"

MG_TARGET_AVX2
#include "quantized_bits_avx2.tmpl.h"
#define MG_ROWS 6
#define MG_VECTORS 2
#include "quantized_fused.tmpl.h"
MG_UNTARGET

const mg_kernel mg_quantized_matmul_fused__avx2 = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_fused_pack,
    .workspace_bytes = mg_fused_workspace_bytes,
    .run = mg_fused_run,
};
#endif
