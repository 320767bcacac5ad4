#pragma once
/* LayerNorm and RMSNorm of R rows at once, R = 1 or 2, which stay in the first-level cache between the passes. Two rows
   share the loads of gamma and beta, and hide each other's chain from the last addition over division and square
   root to the first product. A row's bits are the same in both forms.
   Included inside a target region, after one of the lanes headers. */
#include <math.h>
#include <stdint.h>

#include "mg_norm.h"

/* With more columns than this, two rows, their outputs, gamma and beta do not fit into 32 KiB. */
enum { NORM_PAIRED = 1280 };

/* One worker's share of a call, with what is fixed over its rows. */
typedef struct norm_pass {
    int64_t columns;
    const float *x, *residual, *gamma, *beta;
    float *sum, *out, epsilon;
} norm_pass;

/* The columns in steps of two vectors, the accumulator of a step being 0 or 1; the last step may be a part of one. */
#define NORM_COLUMNS(n, STEP)                                                                                          \
    do {                                                                                                               \
        int64_t i = 0;                                                                                                 \
        for (; i + 2 * MG_LANES <= (n); i += 2 * MG_LANES) {                                                           \
            STEP(i, MG_LANES, 0);                                                                                      \
            STEP(i + MG_LANES, MG_LANES, 1);                                                                           \
        }                                                                                                              \
        if (i + MG_LANES <= (n)) {                                                                                     \
            STEP(i, MG_LANES, 0);                                                                                      \
            i += MG_LANES;                                                                                             \
        }                                                                                                              \
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

/* Rows `row` to `row + R - 1`. LayerNorm: the mean first, then the differences d from it, never E[s²] - E[s]². The mean
   as a float is off by up to half a unit in its last place; Σd, 0 for an exact mean, tells by how much, and corrects
   both the variance and the differences (Chan, Golub and LeVeque 1983). */
MG_INLINE void norm_layer(const norm_pass *p, const int R, const int add, int64_t row) {
    const int64_t n = p->columns, at = row * n;
    mg_lanes first[2][2], second[2][2], mean[2], scale[2], shift[2];
    for (int r = 0; r < R; r++)
        first[r][0] = first[r][1] = mg_splat(0);
#define NORM_READ(i, count, k)                                                                                         \
    for (int r = 0; r < R; r++) {                                                                                      \
        mg_lanes s = norm_take(p->x + at + r * n + (i), count);                                                        \
        if (add) {                                                                                                     \
            s = mg_add(s, norm_take(p->residual + at + r * n + (i), count));                                           \
            norm_put(p->sum + at + r * n + (i), s, count);                                                             \
        }                                                                                                              \
        first[r][k] = mg_add(first[r][k], s);                                                                          \
    }
    NORM_COLUMNS(n, NORM_READ);
    const float *source = add ? p->sum : p->x;
    for (int r = 0; r < R; r++) {
        mean[r] = mg_splat(mg_sum_of(mg_add(first[r][0], first[r][1])) / (float)n);
        first[r][0] = first[r][1] = second[r][0] = second[r][1] = mg_splat(0);
    }
#define NORM_SPREAD(i, count, k)                                                                                       \
    for (int r = 0; r < R; r++) {                                                                                      \
        mg_lanes d = mg_sub(norm_take(source + at + r * n + (i), count), mean[r]);                                     \
        if ((count) != MG_LANES)                                                                                       \
            d = mg_keep_first(d, count);                                                                               \
        first[r][k] = mg_add(first[r][k], d);                                                                          \
        second[r][k] = mg_fma(d, d, second[r][k]);                                                                     \
    }
    NORM_COLUMNS(n, NORM_SPREAD);
    for (int r = 0; r < R; r++) {
        float off = mg_sum_of(mg_add(first[r][0], first[r][1])) / (float)n;
        float variance = mg_sum_of(mg_add(second[r][0], second[r][1])) / (float)n - off * off;
        float inverse = 1 / sqrtf((variance < 0 ? 0 : variance) + p->epsilon);
        scale[r] = mg_splat(inverse);
        shift[r] = mg_splat(-off * inverse);
    }
#define NORM_WRITE(i, count, k)                                                                                        \
    do {                                                                                                               \
        mg_lanes gamma = norm_take(p->gamma + (i), count), beta = norm_take(p->beta + (i), count);                     \
        for (int r = 0; r < R; r++) {                                                                                  \
            mg_lanes d = mg_sub(norm_take(source + at + r * n + (i), count), mean[r]);                                 \
            norm_put(p->out + at + r * n + (i), mg_fma(mg_fma(d, scale[r], shift[r]), gamma, beta), count);            \
        }                                                                                                              \
    } while (0)
    NORM_COLUMNS(n, NORM_WRITE);
#undef NORM_READ
#undef NORM_SPREAD
#undef NORM_WRITE
}

/* Rows `row` to `row + R - 1` of RMSNorm: two passes, nothing to subtract. */
MG_INLINE void norm_rms(const norm_pass *p, const int R, const int add, int64_t row) {
    const int64_t n = p->columns, at = row * n;
    mg_lanes squares[2][2], scale[2];
    for (int r = 0; r < R; r++)
        squares[r][0] = squares[r][1] = mg_splat(0);
#define NORM_READ(i, count, k)                                                                                         \
    for (int r = 0; r < R; r++) {                                                                                      \
        mg_lanes s = norm_take(p->x + at + r * n + (i), count);                                                        \
        if (add) {                                                                                                     \
            s = mg_add(s, norm_take(p->residual + at + r * n + (i), count));                                           \
            norm_put(p->sum + at + r * n + (i), s, count);                                                             \
        }                                                                                                              \
        squares[r][k] = mg_fma(s, s, squares[r][k]);                                                                   \
    }
    NORM_COLUMNS(n, NORM_READ);
    const float *source = add ? p->sum : p->x;
    for (int r = 0; r < R; r++)
        scale[r] = mg_splat(1 / sqrtf(mg_sum_of(mg_add(squares[r][0], squares[r][1])) / (float)n + p->epsilon));
#define NORM_WRITE(i, count, k)                                                                                        \
    do {                                                                                                               \
        mg_lanes gamma = norm_take(p->gamma + (i), count);                                                             \
        for (int r = 0; r < R; r++) {                                                                                  \
            mg_lanes s = norm_take(source + at + r * n + (i), count);                                                  \
            norm_put(p->out + at + r * n + (i), mg_mul(mg_mul(s, scale[r]), gamma), count);                            \
        }                                                                                                              \
    } while (0)
    NORM_COLUMNS(n, NORM_WRITE);
#undef NORM_READ
#undef NORM_WRITE
}

MG_INLINE void norm_some(const mg_norm *a, const norm_pass *p, const int R, const int add, int64_t row) {
    if (a->kind == MG_LAYER_NORM)
        norm_layer(p, R, add, row);
    else
        norm_rms(p, R, add, row);
}

/* Rows from ..< to of a; with `add`, s = x + residual is made on the way, else x is s. */
MG_INLINE void norm_rows(const mg_norm *a, const float *x, const int add, int64_t from, int64_t to) {
    const norm_pass p = {a->columns, x, a->residual, a->gamma, a->beta, a->sum, a->out, a->epsilon};
    if (p.columns == 0)
        return;
    int64_t row = from;
    if (p.columns <= NORM_PAIRED)
        for (; row + 2 <= to; row += 2)
            norm_some(a, &p, 2, add, row);
    for (; row < to; row++)
        norm_some(a, &p, 1, add, row);
}
