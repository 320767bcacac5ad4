/* Quantised matmul on int8 activations, plain NEON.

   Against `fused__neon`: integer products of bytes, 8 an instruction instead of 4, on weights that are not widened.
   Tile 2x16. Needs no dot-product extension, and loses to one where the CPU has it. Loses in accuracy to
   `fused__neon`: an activation is off by up to half a step of its block. */
#if defined(__aarch64__)
#include <arm_neon.h>

#include "functions/neon.h"
#include "quantized_layout.h"

#include "quantized_bits_neon.tmpl.h"
#include "quantized_dots_neon.tmpl.h"
#define MG_ROWS 2
#define MG_VECTORS(rows) 4
#define MG_ROWS_INT8 2
#define MG_VECTORS_INT8(rows) 4
#define MG_WIDE 4
#define MG_EPILOGUE 0
#include "quantized_int8.tmpl.h"

const mg_kernel mg_quantized_matmul_int8__neon = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_int8_pack,
    .workspace_bytes = mg_int8_workspace_bytes,
    .run = mg_int8_run,
};
#endif
