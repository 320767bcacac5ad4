#pragma once
/* LayerNorm and RMSNorm in passes over rows that stay in the first-level cache between them. A block of rows goes
   through each pass together: the chain that ends a row's pass (the accumulators folded into one number, division,
   square root) overlaps with the next row's work instead of standing between two passes.
   Included inside a target region, after one of the lanes headers. */
#include <math.h>
#include <stdint.h>

#include "mg_norm.h"

enum {
    NORM_BLOCK = 8,
    NORM_LONG = 2048, /* columns: from here on a row is a block of its own */
};

/* The columns in steps of four vectors, each with its own accumulator k, which covers the latency of an addition; then
   single vectors and a part of one. STEP(i, count, k) does the `count` <= MG_LANES columns from i on. */
#define NORM_COLUMNS(n, STEP)                                                                                          \
    do {                                                                                                               \
        int64_t i = 0;                                                                                                 \
        for (; i + 4 * MG_LANES <= (n); i += 4 * MG_LANES) {                                                           \
            STEP(i, MG_LANES, 0);                                                                                      \
            STEP(i + MG_LANES, MG_LANES, 1);                                                                           \
            STEP(i + 2 * MG_LANES, MG_LANES, 2);                                                                       \
            STEP(i + 3 * MG_LANES, MG_LANES, 3);                                                                       \
        }                                                                                                              \
        for (; i + MG_LANES <= (n); i += MG_LANES)                                                                     \
            STEP(i, MG_LANES, 0);                                                                                      \
        if (i < (n))                                                                                                   \
            STEP(i, (n)-i, 1);                                                                                         \
    } while (0)

MG_INLINE mg_lanes norm_take(const float *p, int64_t count) {
    return count == MG_LANES ? mg_load(p) : mg_load_first(p, count, 0);
}
MG_INLINE void norm_put(float *p, mg_lanes v, int64_t count) {
    if (count == MG_LANES)
        mg_store(p, v);
    else
        mg_store_first(p, v, count);
}

typedef struct norm_sums {
    mg_lanes part[4];
} norm_sums;
MG_INLINE norm_sums norm_zero(void) {
    mg_lanes zero = mg_splat(0);
    return (norm_sums){{zero, zero, zero, zero}};
}
MG_INLINE float norm_total(const norm_sums *s) {
    return mg_sum_of(mg_add(mg_add(s->part[0], s->part[1]), mg_add(s->part[2], s->part[3])));
}

/* Σs, or Σs² with `squares`. With `add`, s = x + residual is made on the way and stored. */
MG_INLINE float norm_read(const int add, const int squares, const float *x, const float *residual, float *sum,
                          int64_t n) {
    norm_sums total = norm_zero();
#define NORM_READ(i, count, k)                                                                                         \
    do {                                                                                                               \
        mg_lanes s = norm_take(x + (i), count);                                                                        \
        if (add) {                                                                                                     \
            s = mg_add(s, norm_take(residual + (i), count));                                                           \
            norm_put(sum + (i), s, count);                                                                             \
        }                                                                                                              \
        total.part[k] = squares ? mg_fma(s, s, total.part[k]) : mg_add(total.part[k], s);                              \
    } while (0)
    NORM_COLUMNS(n, NORM_READ);
#undef NORM_READ
    return norm_total(&total);
}

/* Σ(s - mean), and Σ(s - mean)² in *squares. Fetches the row `next`, which is not to wait for memory later: into the
   first cache, or, a long row, into the second together with the lines of `out` that are written next. */
MG_INLINE float norm_spread(const int wide, const float *s, float mean, float *squares, int64_t n, const float *next,
                            const float *out) {
    norm_sums first = norm_zero(), second = norm_zero();
    mg_lanes m = mg_splat(mean);
#define NORM_SPREAD(i, count, k)                                                                                       \
    do {                                                                                                               \
        if (wide) {                                                                                                    \
            __builtin_prefetch(next + (i), 0, 2);                                                                      \
            __builtin_prefetch(out + (i), 1);                                                                          \
        } else {                                                                                                       \
            __builtin_prefetch(next + (i));                                                                            \
        }                                                                                                              \
        mg_lanes d = mg_sub(norm_take(s + (i), count), m);                                                             \
        if ((count) != MG_LANES)                                                                                       \
            d = mg_keep_first(d, count);                                                                               \
        first.part[k] = mg_add(first.part[k], d);                                                                      \
        second.part[k] = mg_fma(d, d, second.part[k]);                                                                 \
    } while (0)
    NORM_COLUMNS(n, NORM_SPREAD);
#undef NORM_SPREAD
    *squares = norm_total(&second);
    return norm_total(&first);
}

/* What a row's values are turned into: ((s - mean)·scale + shift)·gamma + beta. */
typedef struct norm_row {
    float mean, scale, shift;
} norm_row;

/* LayerNorm: the mean first, then the differences d from it, never E[s²] - E[s]². The mean as a float is off by up to
   half a unit in its last place; Σd, 0 for an exact mean, tells by how much, and corrects both the variance and the
   differences (Chan, Golub and LeVeque 1983). */
MG_INLINE norm_row norm_layer(const float *s, float total, float epsilon, int64_t n, const float *next,
                              const float *out) {
    norm_row row = {.mean = total / (float)n};
    float squares, off = n < NORM_LONG ? norm_spread(0, s, row.mean, &squares, n, next, out)
                                       : norm_spread(1, s, row.mean, &squares, n, next, out);
    off /= (float)n;
    float variance = squares / (float)n - off * off;
    row.scale = 1 / sqrtf((variance < 0 ? 0 : variance) + epsilon);
    row.shift = -off * row.scale;
    return row;
}

MG_INLINE void norm_write_layer(const float *s, const mg_norm *a, norm_row row, float *out) {
    mg_lanes mean = mg_splat(row.mean), scale = mg_splat(row.scale), shift = mg_splat(row.shift);
#define NORM_WRITE(i, count, k)                                                                                        \
    do {                                                                                                               \
        mg_lanes y = mg_fma(mg_sub(norm_take(s + (i), count), mean), scale, shift);                                    \
        norm_put(out + (i), mg_fma(y, norm_take(a->gamma + (i), count), norm_take(a->beta + (i), count)), count);      \
    } while (0)
    NORM_COLUMNS(a->columns, NORM_WRITE);
#undef NORM_WRITE
}

MG_INLINE void norm_write_rms(const float *s, const mg_norm *a, float by, float *out) {
    mg_lanes scale = mg_splat(by);
#define NORM_WRITE(i, count, k)                                                                                        \
    norm_put(out + (i), mg_mul(mg_mul(norm_take(s + (i), count), scale), norm_take(a->gamma + (i), count)), count)
    NORM_COLUMNS(a->columns, NORM_WRITE);
#undef NORM_WRITE
}

/* Rows `row` to `row + rows - 1`, at most NORM_BLOCK. With `add`, s = x + residual, else x is s. */
MG_INLINE void norm_block(const mg_norm *a, const float *x, const int add, int64_t row, int64_t rows) {
    const int64_t n = a->columns, at = row * n;
    const float *s = add ? a->sum : x;
    float total[NORM_BLOCK];
    norm_row form[NORM_BLOCK];
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
    for (int64_t r = 0, i = at; r < rows; r++, i += n)
        form[r] = norm_layer(s + i, total[r], a->epsilon, n, x + i + ahead, a->out + i);
    for (int64_t r = 0, i = at; r < rows; r++, i += n)
        norm_write_layer(s + i, a, form[r], a->out + i);
}

/* Rows from ..< to, in blocks of which s and out fill at most half of 32 KiB. */
MG_INLINE void norm_rows(const mg_norm *a, const float *x, const int add, int64_t from, int64_t to) {
    const int64_t n = a->columns;
    if (n == 0)
        return;
    int64_t size = n <= NORM_LONG / NORM_BLOCK ? NORM_BLOCK : n < NORM_LONG ? NORM_LONG / n : 1;
    for (int64_t row = from; row < to; row += size)
        norm_block(a, x, add, row, to - row < size ? to - row : size);
}
