#pragma once
/* quantized_matmul: C[m][n] = act(A[m][k] · dequantise(W[n][k])ᵀ + bias[n]); A and C are f32, W is quantised by rows.
   The block formats are GGUF's (ggml), k a multiple of the block: Q8_0 34 bytes of 32, Q4_0 18 of 32, Q4_1 20 of 32,
   Q4_K 144 of 256. INT8 is per channel: int8 values [n][k] and one f32 scale a row. */
#include "mg_variant.h"

typedef enum mg_quantization { MG_Q8_0 = 0, MG_Q4_0 = 1, MG_Q4_1 = 2, MG_Q4_K = 3, MG_INT8 = 4 } mg_quantization;

typedef struct mg_quantized_matmul {
    mg_buffers buffers;
    int64_t m, n, k;
    mg_quantization format;
    const float *a;
    const void *w;       /* raw blocks, row after row; int8 values for MG_INT8 */
    const float *scales; /* [n], MG_INT8 only, else NULL */
    const float *bias;   /* [n], or NULL */
    mg_activation activation;
    float *c;
} mg_quantized_matmul;

const mg_family *mg_quantized_matmul_family(void);
