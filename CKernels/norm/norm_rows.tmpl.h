#pragma once
/* LayerNorm and RMSNorm in passes over rows that stay in the first-level cache between them. A block of rows goes
   through each pass together: the chain that ends a row's pass (the accumulators folded into one number, division,
   square root) overlaps with the next row's work instead of standing between two passes.
   Included inside a target region, after vectors/<isa>.h. */
#include <math.h>
#include <stdint.h>

#include "vectors/row_lines.tmpl.h"
#include "mg_norm.h"

enum {
    NORM_BLOCK = 8,
    NORM_LONG = 2048, /* columns: from here on the next row is fetched into the second cache */
    NORM_LINES = 192, /* columns: below, parts of vectors cost more than lines that are touched twice */
};

/* One number for each of a block's rows, as far as they go into a vector. */
MG_INLINE mg_lanes norm_few(const float *p) {
    return MG_LANES > NORM_BLOCK ? mg_load_first(p, NORM_BLOCK, 1) : mg_load(p);
}
MG_INLINE void norm_keep(float *p, mg_lanes v) {
    if (MG_LANES > NORM_BLOCK)
        mg_store_first(p, v, NORM_BLOCK);
    else
        mg_store(p, v);
}

/* Σs, or Σs² with `squares`. With `add`, s = x + residual is made on the way and stored. */
MG_INLINE float norm_read(const int add, const int squares, const float *x, const float *residual, float *sum,
                          int64_t n) {
    const int64_t offset = n < NORM_LINES ? 0 : row_offset(add ? sum : x);
    row_sums total = row_zero();
#define NORM_READ(i, from, to, k)                                                                                      \
    do {                                                                                                               \
        mg_lanes s = row_take(x + (i), from, to, 0);                                                                   \
        if (add) {                                                                                                     \
            s = row_keep(mg_add(s, row_beside(residual + (i), offset, from, to)), from, to);                           \
            row_put(sum + (i), s, from, to);                                                                           \
        }                                                                                                              \
        total.part[k] = squares ? mg_fma(s, s, total.part[k]) : mg_add(total.part[k], s);                              \
    } while (0)
    ROW_LINES(offset, n, NORM_READ);
#undef NORM_READ
    return row_sum(4, total, offset);
}

/* Σ(s - mean), and Σ(s - mean)² in *squares. Fetches the row `next`, which is not to wait for memory later: into the
   first cache, or, a long row, into the second together with the lines of `out` that are written next. */
MG_INLINE float norm_spread(const int wide, const float *s, float mean, float *squares, int64_t n, const float *next,
                            const float *out) {
    row_sums first = row_zero(), second = row_zero();
    mg_lanes m = mg_splat(mean);
#define NORM_SPREAD(i, from, to, k)                                                                                    \
    do {                                                                                                               \
        if (wide) {                                                                                                    \
            __builtin_prefetch(next + (i), 0, 2);                                                                      \
            __builtin_prefetch(out + (i), 1);                                                                          \
        } else {                                                                                                       \
            __builtin_prefetch(next + (i));                                                                            \
        }                                                                                                              \
        mg_lanes d = row_keep(mg_sub(row_take(s + (i), from, to, 0), m), from, to);                                    \
        first.part[k] = mg_add(first.part[k], d);                                                                      \
        second.part[k] = mg_fma(d, d, second.part[k]);                                                                 \
    } while (0)
    ROW_LINES(0, n, NORM_SPREAD);
#undef NORM_SPREAD
    *squares = row_sum(4, second, 0);
    return row_sum(4, first, 0);
}

/* What the values of a block's rows are turned into: ((s - mean)·scale + shift)·gamma + beta. */
typedef struct norm_form {
    float mean[NORM_BLOCK], scale[NORM_BLOCK], shift[NORM_BLOCK];
} norm_form;

/* LayerNorm: the mean first, then the differences d from it, never E[s²] - E[s]². The mean as a float is off by up to
   half a unit in its last place; Σd, 0 for an exact mean, tells by how much, and corrects both the variance and the
   differences (Chan, Golub and LeVeque 1983). `off` is Σd, `squares` Σd². Divisions and square roots serve as many rows
   as there are lanes. (RMSNorm has one of each a row, which overlap with the passes: together they were slower.) */
MG_INLINE void norm_form_layer(norm_form *f, const float *off, const float *squares, int64_t n, float epsilon) {
    mg_lanes count = mg_splat((float)n);
    for (int r = 0; r < NORM_BLOCK; r += MG_LANES < NORM_BLOCK ? MG_LANES : NORM_BLOCK) {
        mg_lanes by = mg_div(norm_few(off + r), count);
        mg_lanes variance = mg_sub(mg_div(norm_few(squares + r), count), mg_mul(by, by));
        mg_lanes scale = mg_div(mg_splat(1), mg_sqrt(mg_add(mg_max(mg_splat(0), variance), mg_splat(epsilon))));
        norm_keep(f->scale + r, scale);
        norm_keep(f->shift + r, mg_mul(mg_sub(mg_splat(0), by), scale));
    }
}

MG_INLINE void norm_write_layer(const float *s, const mg_norm *a, const norm_form *f, int64_t r, float *out) {
    mg_lanes mean = mg_splat(f->mean[r]), scale = mg_splat(f->scale[r]), shift = mg_splat(f->shift[r]);
#define NORM_WRITE(i, from, to, k)                                                                                     \
    do {                                                                                                               \
        mg_lanes y = mg_fma(mg_sub(row_take(s + (i), from, to, 0), mean), scale, shift);                               \
        row_put(out + (i), mg_fma(y, row_take(a->gamma + (i), from, to, 0), row_take(a->beta + (i), from, to, 0)),     \
                from, to);                                                                                             \
    } while (0)
    ROW_LINES(0, a->columns, NORM_WRITE);
#undef NORM_WRITE
}

MG_INLINE void norm_write_rms(const float *s, const mg_norm *a, float by, float *out) {
    const int64_t offset = a->columns < NORM_LINES ? 0 : row_offset(out);
    mg_lanes scale = mg_splat(by);
#define NORM_WRITE(i, from, to, k)                                                                                     \
    do {                                                                                                               \
        mg_lanes y = mg_mul(row_beside(s + (i), offset, from, to), scale);                                             \
        row_put(out + (i), mg_mul(y, row_beside(a->gamma + (i), offset, from, to)), from, to);                         \
    } while (0)
    ROW_LINES(offset, a->columns, NORM_WRITE);
#undef NORM_WRITE
}

/* Rows `row` to `row + rows - 1`, at most NORM_BLOCK. With `add`, s = x + residual, else x is s. */
MG_INLINE void norm_block(const mg_norm *a, const float *x, const int add, int64_t row, int64_t rows) {
    const int64_t n = a->columns, at = row * n;
    const float *s = add ? a->sum : x;
    float total[NORM_BLOCK] = {0}, squares[NORM_BLOCK] = {0};
    norm_form form;
    const int rms = a->kind == MG_RMS_NORM;
    const int64_t ahead = row + 2 * rows <= a->rows ? rows * n : 0;
    for (int64_t r = 0, i = at; r < rows; r++, i += n) {
        const float *residual = add ? a->residual + i : 0;
        float *sum = add ? a->sum + i : 0;
        total[r] = rms ? norm_read(add, 1, x + i, residual, sum, n) : norm_read(add, 0, x + i, residual, sum, n);
    }
    if (rms) {
        for (int64_t r = 0, i = at; r < rows; r++, i += n)
            norm_write_rms(s + i, a, 1 / sqrtf(total[r] / (float)n + a->epsilon), a->out + i);
        return;
    }
    for (int64_t r = 0, i = at; r < rows; r++, i += n) {
        const float mean = form.mean[r] = total[r] / (float)n;
        total[r] = n < NORM_LONG ? norm_spread(0, s + i, mean, &squares[r], n, x + i + ahead, a->out + i)
                                 : norm_spread(1, s + i, mean, &squares[r], n, x + i + ahead, a->out + i);
    }
    norm_form_layer(&form, total, squares, n, a->epsilon);
    for (int64_t r = 0, i = at; r < rows; r++, i += n)
        norm_write_layer(s + i, a, &form, r, a->out + i);
}

/* Rows from ..< to, in blocks. */
MG_INLINE void norm_rows(const mg_norm *a, const float *x, const int add, int64_t from, int64_t to) {
    const int64_t n = a->columns;
    if (n == 0)
        return;
    int64_t size = row_block(n, NORM_BLOCK);
    for (int64_t row = from; row < to; row += size)
        norm_block(a, x, add, row, to - row < size ? to - row : size);
}
