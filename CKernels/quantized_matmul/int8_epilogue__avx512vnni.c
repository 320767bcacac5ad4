/* Quantised matmul on int8 activations with bias and activation in the epilogue, AVX-512 VNNI.

   Against `int8__avx512vnni`: bias and activation are applied while a tile's sums are in registers, so C is written
   once and never read. Same bits up to there. Needs AVX-512 VNNI. Gains nothing where there is neither bias nor
   activation, and little where k is long. */
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
#define MG_EPILOGUE 1
#include "quantized_int8.tmpl.h"
MG_UNTARGET

const mg_kernel mg_quantized_matmul_int8_epilogue__avx512vnni = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_int8_pack,
    .workspace_bytes = mg_int8_workspace_bytes,
    .run = mg_int8_run,
};
#endif
