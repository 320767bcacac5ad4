/* Quantised matmul on int8 activations, AVX2.

   Against `fused__avx2`: integer products of nibbles, 32 multiplications an instruction instead of 8, which add pairs
   into saturating 16 bits; INT8 as 16-bit products, 16 an instruction. quantized_dots_avx2.tmpl.h says why nothing
   saturates. Tile 3x16, for there are 16 registers, and 5x16 for INT8, which holds no f32 sums. Needs AVX2, FMA and
   F16C. Loses to VNNI, which needs one instruction for the three of a dot product here, and in accuracy to
   `fused__avx2`: an activation is off by up to half a step of its block. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "functions/avx2.h"
#include "quantized_layout.h"

MG_TARGET_AVX2
#include "quantized_bits_avx2.tmpl.h"
#include "quantized_dots_avx2.tmpl.h"
#define MG_ROWS 3
#define MG_VECTORS(rows) 2
#define MG_ROWS_INT8 5
#define MG_VECTORS_INT8(rows) 2
#define MG_WIDE 4
#define MG_EPILOGUE 0
#include "quantized_int8.tmpl.h"
MG_UNTARGET

const mg_kernel mg_quantized_matmul_int8__avx2 = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_int8_pack,
    .workspace_bytes = mg_int8_workspace_bytes,
    .run = mg_int8_run,
};
#endif
