#pragma once
/* What the softmax variants share: which rows a worker does, what a causal row sees, and the passes over one row.
   Included inside a target region, after one of the lanes headers. */
#include <float.h>
#include <stdint.h>
#include <string.h>

#include "mg_softmax.h"

/* How many columns row `row` sees: the first ones; the others are written as 0. */
MG_INLINE int64_t softmax_visible(const mg_softmax *s, int64_t row) {
    if (!s->causal)
        return s->columns;
    int64_t last = row % s->queries + s->columns - s->queries;
    return last < 0 ? 0 : last + 1;
}

typedef void softmax_row(const mg_softmax *s, int64_t row);

/* Whole rows to each worker, so that no sum is ever split. Causal rows grow longer downward: they are dealt out in
   turn, eight at a time, for workers to get equal shares. */
MG_INLINE void softmax_rows(const mg_softmax *s, const mg_work *work, softmax_row *one) {
    if (s->causal) {
        for (int64_t first = 8 * (int64_t)work->index; first < s->rows; first += 8 * (int64_t)work->count)
            for (int64_t row = first; row < first + 8 && row < s->rows; row++)
                one(s, row);
    } else {
        int64_t from, to;
        mg_work_range(work, s->rows, 1, &from, &to);
        for (int64_t row = from; row < to; row++)
            one(s, row);
    }
}

/* max x[0 ..< n], at least -FLT_MAX: a row of nothing but -inf then gets exp(-inf) = 0 everywhere instead of
   exp(-inf + inf) = NaN. A NaN may or may not come through; the sum of the exponentials does not miss it. */
MG_INLINE float softmax_max(const float *x, int64_t n) {
    mg_lanes a = mg_splat(-FLT_MAX), b = a, c = a, d = a;
    int64_t i = 0;
    for (; i + 4 * MG_LANES <= n; i += 4 * MG_LANES) {
        a = mg_max(a, mg_load(x + i));
        b = mg_max(b, mg_load(x + i + MG_LANES));
        c = mg_max(c, mg_load(x + i + 2 * MG_LANES));
        d = mg_max(d, mg_load(x + i + 3 * MG_LANES));
    }
    for (; i + MG_LANES <= n; i += MG_LANES)
        a = mg_max(a, mg_load(x + i));
    if (i < n)
        b = mg_max(b, mg_load_first(x + i, n - i, -FLT_MAX));
    return mg_max_of(mg_max(mg_max(a, b), mg_max(c, d)));
}

/* out = exp(scale·x - max); returns Σ out. The caller's `scale` is a constant 1 where nothing is to be scaled.
   Not a multiply-add: with the product rounded as it was for the maximum, the largest difference is exactly 0. */
MG_INLINE float softmax_exp(const float *x, float *out, int64_t n, float scale, float max) {
    mg_lanes by = mg_splat(scale), top = mg_splat(max), sum = mg_splat(0), other = sum;
    int64_t i = 0;
    for (; i + 2 * MG_LANES <= n; i += 2 * MG_LANES) {
        mg_lanes e = mg_exp(mg_sub(mg_mul(mg_load(x + i), by), top));
        mg_lanes f = mg_exp(mg_sub(mg_mul(mg_load(x + i + MG_LANES), by), top));
        mg_store(out + i, e);
        mg_store(out + i + MG_LANES, f);
        sum = mg_add(sum, e);
        other = mg_add(other, f);
    }
    if (i + MG_LANES <= n) {
        mg_lanes e = mg_exp(mg_sub(mg_mul(mg_load(x + i), by), top));
        mg_store(out + i, e);
        sum = mg_add(sum, e);
        i += MG_LANES;
    }
    if (i < n) {
        mg_lanes e = mg_keep_first(mg_exp(mg_sub(mg_mul(mg_load_first(x + i, n - i, 0), by), top)), n - i);
        mg_store_first(out + i, e, n - i);
        other = mg_add(other, e);
    }
    return mg_sum_of(mg_add(sum, other));
}

/* out = by·out. */
MG_INLINE void softmax_scale(float *out, int64_t n, float by) {
    mg_lanes factor = mg_splat(by);
    int64_t i = 0;
    for (; i + MG_LANES <= n; i += MG_LANES)
        mg_store(out + i, mg_mul(mg_load(out + i), factor));
    if (i < n)
        mg_store_first(out + i, mg_mul(mg_load_first(out + i, n - i, 0), factor), n - i);
}

/* What the exponentials of a row are multiplied with: 0 for a row without a visible value above -inf. */
MG_INLINE float softmax_inverse(float sum) { return sum == 0 ? 0 : 1 / sum; }

/* The separate pre-pass of the plain variants: out = scale·x, and -inf where the mask hides a column. */
static void softmax_prepare(const mg_softmax *s, int64_t row) {
    const float *x = s->x + row * s->columns;
    float *out = s->out + row * s->columns;
    int64_t visible = softmax_visible(s, row), n = s->columns, i = 0;
    mg_lanes by = mg_splat(s->scale);
    for (; i + MG_LANES <= n; i += MG_LANES)
        mg_store(out + i, mg_mul(mg_load(x + i), by));
    if (i < n)
        mg_store_first(out + i, mg_mul(mg_load_first(x + i, n - i, 0), by), n - i);
    for (i = visible; i < n; i++)
        out[i] = -__builtin_inff();
}

/* Hidden columns of a row whose visible values hold a NaN are NaN now; they are to be 0. */
static void softmax_hide(const mg_softmax *s, int64_t row) {
    int64_t visible = softmax_visible(s, row);
    memset(s->out + row * s->columns + visible, 0, (size_t)(s->columns - visible) * sizeof(float));
}

/* A plain variant: the pre-pass over all rows if there is anything to scale or to mask, then `row` over all rows. */
MG_INLINE void softmax_plain(const mg_softmax *s, const mg_work *work, softmax_row *row) {
    if (s->scale == 1 && !s->causal) {
        softmax_rows(s, work, row);
        return;
    }
    mg_softmax prepared = *s;
    prepared.x = s->out;
    softmax_rows(s, work, softmax_prepare);
    softmax_rows(&prepared, work, row);
    if (s->causal)
        softmax_rows(s, work, softmax_hide);
}
