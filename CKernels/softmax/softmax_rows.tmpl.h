#pragma once
/* What the softmax variants share: which rows a worker does, what a causal row sees, and the passes over one row.
   Included inside a target region, after functions/<isa>.h. */
#include <float.h>
#include <stdint.h>
#include <string.h>

#include "mg_softmax.h"
#include "vectors/row_lines.tmpl.h"

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

/* Whole rows to each worker, so that no sum is ever split. Causal rows grow longer downward: their blocks are dealt
   out in turn, for workers to get equal shares. */
MG_INLINE void softmax_blocks(const mg_softmax *s, const mg_work *work, softmax_block *block) {
    int64_t size = s->columns > 0 ? row_block(s->columns, SOFTMAX_BLOCK) : SOFTMAX_BLOCK;
    int64_t from = work->index * size, to = s->rows, step = work->count * size;
    if (!s->causal) {
        mg_work_range(work, s->rows, 1, &from, &to);
        step = size;
    }
    for (int64_t row = from; row < to; row += step)
        block(s, row, to - row < size ? to - row : size);
}

/* So many columns, and more, go by lines. Below, parts of vectors cost more than lines that are touched twice. */
enum { SOFTMAX_LINES = 384 };
MG_INLINE int64_t softmax_offset(const float *row, int64_t n) { return n < SOFTMAX_LINES ? 0 : row_offset(row); }

/* max x[0 ..< n], at least -FLT_MAX: a row of nothing but -inf then gets exp(-inf) = 0 everywhere instead of
   exp(-inf + inf) = NaN. A NaN may or may not come through; the sum of the exponentials does not miss it. */
MG_INLINE float softmax_max(const float *x, int64_t n) {
    mg_lanes max[4] = {mg_splat(-FLT_MAX), mg_splat(-FLT_MAX), mg_splat(-FLT_MAX), mg_splat(-FLT_MAX)};
#define SOFTMAX_MAX(i, from, to, k) max[k] = mg_max(max[k], row_take(x + (i), from, to, -FLT_MAX))
    ROW_LINES(softmax_offset(x, n), n, SOFTMAX_MAX);
#undef SOFTMAX_MAX
    return mg_max_of(mg_max(mg_max(max[0], max[1]), mg_max(max[2], max[3])));
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
    const int64_t first = softmax_offset(out, n);
    mg_lanes by = mg_splat(factor), less = mg_splat(offset);
    row_sums sum = row_zero();
#define SOFTMAX_EXP(i, from, to, k)                                                                                    \
    do {                                                                                                               \
        if (MG_LANES * (k) % 16 == 0)                                                                                  \
            __builtin_prefetch(x + (i) + ahead);                                                                       \
        mg_lanes v = row_keep(softmax_element(form, row_beside(x + (i), first, from, to), by, less), from, to);        \
        row_put(out + (i), v, from, to);                                                                               \
        sum.part[(k) % 2] = mg_add(sum.part[(k) % 2], v);                                                              \
    } while (0)
    ROW_LINES(first, n, SOFTMAX_EXP);
#undef SOFTMAX_EXP
    return row_sum(2, sum, first);
}

/* out = by·from; they may be the same. */
MG_INLINE void softmax_scale(const float *from, float *out, int64_t n, float by) {
    mg_lanes factor = mg_splat(by);
#define SOFTMAX_SCALE(i, first, to, k) row_put(out + (i), mg_mul(row_take(from + (i), first, to, 0), factor), first, to)
    ROW_LINES(softmax_offset(out, n), n, SOFTMAX_SCALE);
#undef SOFTMAX_SCALE
}

/* What the exponentials of a row are multiplied with: 0 for a row without a visible value above -inf. */
MG_INLINE float softmax_inverse(float sum) { return sum == 0 ? 0 : 1 / sum; }
