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

/* Up to this many rows are taken through each pass together: then the chain that ends a row's pass (the lanes of the
   maximum or the sum folded into one) overlaps with the next row's work instead of standing between two passes. */
enum { SOFTMAX_BLOCK = 8 };

/* Computes `rows` <= SOFTMAX_BLOCK rows from `row` on. */
typedef void softmax_block(const mg_softmax *s, int64_t row, int64_t rows);

/* Whole rows to each worker, so that no sum is ever split; x and out of a block fill at most half of 32 KiB. Causal
   rows grow longer downward: their blocks are dealt out in turn, for workers to get equal shares. */
MG_INLINE void softmax_blocks(const mg_softmax *s, const mg_work *work, softmax_block *block) {
    int64_t size = s->columns <= 2048 / SOFTMAX_BLOCK ? SOFTMAX_BLOCK : s->columns < 2048 ? 2048 / s->columns : 1;
    int64_t from = work->index * size, to = s->rows, step = work->count * size;
    if (!s->causal) {
        mg_work_range(work, s->rows, 1, &from, &to);
        step = size;
    }
    for (int64_t row = from; row < to; row += step)
        block(s, row, to - row < size ? to - row : size);
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

/* How an element becomes its exponential, given the two constants of its row. */
typedef enum softmax_form {
    SOFTMAX_EXP,  /* exp(x - offset) */
    SOFTMAX_EXP2, /* 2^(factor·x - offset), the product not rounded */
    SOFTMAX_EXACT /* exp(factor·x - offset), the product rounded, so that the largest difference is exactly 0 */
} softmax_form;

MG_INLINE mg_lanes softmax_element(const softmax_form form, mg_lanes x, mg_lanes factor, mg_lanes offset) {
    switch (form) {
    case SOFTMAX_EXP:
        return mg_exp(mg_sub(x, offset));
    case SOFTMAX_EXP2:
        return mg_exp2(mg_fms(x, factor, offset));
    case SOFTMAX_EXACT:
        return mg_exp(mg_sub(mg_mul(x, factor), offset));
    }
}

/* out = the exponentials of x; returns their sum. Fetches x[ahead ...] meanwhile, for the next block's maximum would
   wait for memory with nothing else to do. */
MG_INLINE float softmax_exp(const softmax_form form, const float *x, float *out, int64_t n, float factor, float offset,
                            int64_t ahead) {
    mg_lanes f = mg_splat(factor), o = mg_splat(offset), sum = mg_splat(0), other = sum;
    int64_t i = 0;
    for (; i + 2 * MG_LANES <= n; i += 2 * MG_LANES) {
        for (int line = 0; line < 2 * MG_LANES; line += 16)
            __builtin_prefetch(x + i + line + ahead);
        mg_lanes v = softmax_element(form, mg_load(x + i), f, o);
        mg_lanes w = softmax_element(form, mg_load(x + i + MG_LANES), f, o);
        mg_store(out + i, v);
        mg_store(out + i + MG_LANES, w);
        sum = mg_add(sum, v);
        other = mg_add(other, w);
    }
    if (i + MG_LANES <= n) {
        mg_lanes v = softmax_element(form, mg_load(x + i), f, o);
        mg_store(out + i, v);
        sum = mg_add(sum, v);
        i += MG_LANES;
    }
    if (i < n) {
        mg_lanes v = mg_keep_first(softmax_element(form, mg_load_first(x + i, n - i, 0), f, o), n - i);
        mg_store_first(out + i, v, n - i);
        other = mg_add(other, v);
    }
    return mg_sum_of(mg_add(sum, other));
}

/* out = by·from; they may be the same. */
MG_INLINE void softmax_scale(const float *from, float *out, int64_t n, float by) {
    mg_lanes factor = mg_splat(by);
    int64_t i = 0;
    for (; i + MG_LANES <= n; i += MG_LANES)
        mg_store(out + i, mg_mul(mg_load(from + i), factor));
    if (i < n)
        mg_store_first(out + i, mg_mul(mg_load_first(from + i, n - i, 0), factor), n - i);
}

/* What the exponentials of a row are multiplied with: 0 for a row without a visible value above -inf. */
MG_INLINE float softmax_inverse(float sum) { return sum == 0 ? 0 : 1 / sum; }
