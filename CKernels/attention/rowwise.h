#pragma once
/* Attention as it is written down, one query at a time: a row of scores, its softmax, the weighted sum of V. The plain
   form with vectors; nothing of K or V is kept from one query to the next.
   Workers take queries in turn, because causal rows grow longer downward.
   Included by the file of each instruction set, inside its target region. */
#include "rows.h"

/* Floats of a worker: the query, its output, its scores. */
static int64_t rowwise_scratch(const mg_attention *a) {
    return 2 * rows_padded(a->dim, 16) + rows_padded(a->keys, ROWS_KEYS);
}

static size_t rowwise_workspace(const void *arguments, int32_t workers) {
    return (size_t)rowwise_scratch(arguments) * sizeof(float) * (size_t)workers;
}

static void rowwise(const void *arguments, const mg_work *work) {
    const mg_attention *a = arguments;
    int64_t stride = rows_padded(a->dim, 16);
    float *q = (float *)a->buffers.workspace + rowwise_scratch(a) * work->index;
    float *o = q + stride, *p = o + stride;
    for (int64_t row = work->index; row < a->heads * a->queries; row += work->count) {
        int64_t group = row / a->queries / (a->heads / a->kv_heads);
        int64_t seen = attention_visible(a, row % a->queries);
        rows_scale((const float *)a->q + row * a->dim, a->dim, a->scale, q);
        for (int64_t d = 0; d < stride; d += MG_LANES)
            mg_store(o + d, mg_splat(0));
        rows_dots(1, q, stride, (const float *)a->k + group * a->keys * a->dim, seen, a->dim, p, 0);
        float sum = rows_exponentials(p, seen, rows_max(p, seen));
        rows_values(1, p, 0, (const float *)a->v + group * a->keys * a->dim, seen, a->dim, o, stride);
        rows_give(o, sum, a->dim, a->o + row * a->dim);
    }
}
