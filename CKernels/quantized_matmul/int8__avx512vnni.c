/* Quantised matmul on int8 activations, AVX-512 VNNI.

   Against `fused__avx512`: the activations are rounded to int8 in blocks of 32 and the products are integer dot
   products of bytes, 64 multiply-adds an instruction instead of 16, and the weights are never widened. Nibbles are
   unsigned as they come, int8 becomes so by + 128: no sign tricks; zero points cost one start value. Tile 6x32: 12
   integer and 12 f32 sums. Of 120 multiply instructions of a block, 96 are dot products. INT8 keeps integers through
   all of k: tile 12x32, every instruction a dot product. Needs AVX-512 VNNI. Loses in accuracy: an activation is off
   by up to half a step of its block. Sources: the block formats are GGUF's; vpdpbusd's operands decide the layout. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "functions/avx512.h"
#include "quantized_layout.h"

MG_TARGET_AVX512_VNNI
#include "quantized_bits_avx512.tmpl.h"
#include "quantized_dots_avx512vnni.tmpl.h"
#define MG_ROWS 12
#define MG_VECTORS(rows) ((rows) > 6 ? 1 : 2)
#define MG_ROWS_INT8 12
#define MG_VECTORS_INT8(rows) 2
#define MG_WIDE 2
#define MG_EPILOGUE 0
#include "quantized_int8.tmpl.h"
MG_UNTARGET

const mg_kernel mg_quantized_matmul_int8__avx512vnni = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_int8_pack,
    .workspace_bytes = mg_int8_workspace_bytes,
    .run = mg_int8_run,
};
#endif
