#pragma once
/* softmax: out[r][c] = exp(scale·x[r][c] − m_r) / Σ_c exp(scale·x[r][c] − m_r), m_r = max_c scale·x[r][c].
   Causal: the rows are `rows / queries` matrices of `queries` rows; row i of a matrix sees columns
   c <= i + columns − queries and the others are written as 0. A row without a visible column, or whose visible
   values are all −inf, is written as 0. A visible NaN or (scaled) +inf makes all visible outputs of its row NaN. */
#include "mg_variant.h"

typedef struct mg_softmax {
    mg_buffers buffers;
    int64_t rows, columns;
    int64_t queries; /* rows of one matrix; only read when causal */
    int32_t causal;
    float scale;
    const float *x; /* [rows][columns] */
    float *out;     /* [rows][columns] */
} mg_softmax;

const mg_variant *mg_softmax_variants(int32_t *count);

/* The vector exponentials under test, `count` values each: <= 2 ulp on [-104, 89], +inf above the overflow
   threshold, NaN for NaN; results below the smallest normal float are flushed to 0.
   The table ends with a NULL name. */
typedef struct mg_exp_variant {
    const char *name;
    uint32_t needs;
    float highest; /* the largest argument it is made for: +inf, or 0 for the form inside a softmax */
    void (*run)(const float *x, float *out, int64_t count);
} mg_exp_variant;

const mg_exp_variant *mg_exp_variants(int32_t *count);
