#pragma once
/* matmul: C[m][n] = act(A[m][k] · B + bias[n]) + residual[m][n], row-major, B as [k][n] or transposed as [n][k].
   f32 operands, or bf16 operands with f32 accumulation; C is always f32 and is never read. */
#include "mg_variant.h"

typedef struct mg_matmul {
    mg_buffers buffers;
    int64_t m, n, k;
    int32_t transposed_b; /* 0: B is [k][n]; 1: B is [n][k], so C = A·Bᵀ */
    mg_dtype dtype;       /* of A and B */
    const void *a, *b;
    float *c;
    const float *bias;     /* [n], or NULL */
    const float *residual; /* [m][n], or NULL */
    mg_activation activation;
} mg_matmul;

const mg_family *mg_matmul_family(void);
