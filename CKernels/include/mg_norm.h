#pragma once
/* norm: with s = x + residual (s = x where residual is NULL), by rows of `columns` values,
   LayerNorm: out = (s − mean) / sqrt(variance + epsilon) ∘ gamma + beta   (variance over n, two passes)
   RMSNorm:   out = s / sqrt(mean(s²) + epsilon) ∘ gamma
   Where residual is given, s itself is written to `sum` (the stream that the next block adds to). */
#include "mg_variant.h"

typedef enum mg_norm_kind { MG_LAYER_NORM = 0, MG_RMS_NORM = 1 } mg_norm_kind;

typedef struct mg_norm {
    mg_buffers buffers;
    int64_t rows, columns;
    mg_norm_kind kind;
    float epsilon;
    const float *x, *residual; /* [rows][columns]; residual may be NULL */
    const float *gamma, *beta; /* [columns]; beta NULL for RMSNorm */
    float *sum;                /* [rows][columns], or NULL where residual is NULL */
    float *out;                /* [rows][columns] */
} mg_norm;

const mg_family *mg_norm_family(void);
