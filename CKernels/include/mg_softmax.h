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

const mg_family *mg_softmax_family(void);
