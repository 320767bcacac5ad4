#pragma once
/* Attention as it is written down, one query at a time: a row of scores, its softmax, the weighted sum of V. The plain
   form with vectors; nothing of K or V is kept from one query to the next.
   Workers take queries in turn, because causal rows grow longer downward.
   Included by the file of each instruction set, inside its target region, after functions/<isa>.h. */
#include "rows.tmpl.h"

/* Floats of a worker: the query, its output, its scores. */
static int64_t rowwise_scratch(const mg_attention *a) {
    return 2 * rows_padded(a->dim, 32) + rows_padded(a->keys, ROWS_KEYS);
}

static size_t rowwise_workspace(const void *arguments, int32_t workers) {
    return (size_t)rowwise_scratch(arguments) * sizeof(float) * (size_t)workers;
}

MG_INLINE void rowwise_rows(const mg_attention *a, const mg_work *work, const int half) {
    int64_t stride = rows_padded(a->dim, 32);
    float *q = (float *)a->buffers.workspace + rowwise_scratch(a) * work->index;
    float *o = q + stride, *p = o + stride;
    for (int64_t row = work->index; row < a->heads * a->queries; row += work->count) {
        int64_t cache = row / a->queries / (a->heads / a->kv_heads) * a->keys * a->dim;
        int64_t seen = attention_visible(a, row % a->queries);
        rows_scale(rows_at(a->q, row * a->dim, half), a->dim, a->scale, q, half);
        for (int64_t d = 0; d < stride; d += MG_LANES)
            mg_store(o + d, mg_splat(0));
        rows_dots(1, q, stride, rows_at(a->k, cache, half), seen, a->dim, p, 0, half);
        float sum = rows_exponentials(p, seen, rows_max(p, seen));
        rows_values(1, p, 0, rows_at(a->v, cache, half), seen, a->dim, o, stride, half);
        rows_give(o, sum, a->dim, a->o + row * a->dim, half);
    }
}

static void rowwise(const void *arguments, const mg_work *work) {
    const mg_attention *a = arguments;
    a->dtype == MG_BF16 ? rowwise_rows(a, work, 1) : rowwise_rows(a, work, 0);
}
