/* Quantised matmul in f32 with the weights widened inside the product, NEON.

   Against `fused__avx512`: the same with 4 lanes; tile 4x16 over chunks of 128 k in an 8 KB buffer. Needs NEON. Loses
   at one row, where widening takes more instructions than multiplying. */
#if defined(__aarch64__)
#include <arm_neon.h>

#include "functions/neon.h"
#include "quantized_layout.h"

#include "quantized_bits_neon.tmpl.h"
#define MG_ROWS 4
#define MG_VECTORS 4
#include "quantized_fused.tmpl.h"

const mg_kernel mg_quantized_matmul_fused__neon = {
    .refuses = mg_layout_refuses,
    .packed_bytes = mg_layout_bytes,
    .pack = mg_fused_pack,
    .workspace_bytes = mg_fused_workspace_bytes,
    .run = mg_fused_run,
};
#endif
