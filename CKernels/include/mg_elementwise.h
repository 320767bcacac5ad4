#pragma once
/* elementwise: out[i] = f(x[i]), one of the functions that transformers apply to each value. */
#include "mg_variant.h"

typedef enum mg_function {
    MG_FUNCTION_EXP = 0,
    MG_FUNCTION_TANH = 1,
    MG_FUNCTION_GELU = 2,         /* x·Φ(x) */
    MG_FUNCTION_GELU_TANH = 3,    /* x/2·(1 + tanh(sqrt(2/π)·(x + 0.044715·x³))) */
    MG_FUNCTION_SILU = 4,         /* x / (1 + e^-x) */
    MG_FUNCTION_GELU_SIGMOID = 5, /* x / (1 + e^(-1.702·x)) */
    /* e^x for x <= 0 or NaN, as softmax has it. No problem of the family: there to be tested by itself. */
    MG_FUNCTION_EXP_NONPOSITIVE = 6,
} mg_function;

typedef struct mg_elementwise {
    mg_buffers buffers;
    int64_t count;
    mg_function function;
    const float *x; /* [count] */
    float *out;     /* [count]; may be x itself, else the two do not overlap */
} mg_elementwise;

/* Both exp: within 2 ulp, results below the smallest normal float flushed to 0. The others: within 4 ulp or 2^-22. */
const mg_family *mg_elementwise_family(void);
