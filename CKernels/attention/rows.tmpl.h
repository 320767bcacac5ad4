#pragma once
/* Attention with dim as the lanes, for few queries: dot products of query rows with key rows, exponentials along a
   row of scores, weighted sums of value rows. Several rows of queries share a key or value in a register; a query row
   that is alone takes more keys, or more of dim, at once instead, so that the multiply-adds always have enough chains.

   With `half` the inputs are bf16, widened as they are loaded: a vector of them is one of f32 for the even places and
   one for the odd, and rows of scratch, queries and outputs, keep dim in that order until they are given.
   Included inside a target region, after functions/<isa>.h. */
#include "visible.h"

#define ROWS_LOG2E 0x1.715476p0f

enum {
    ROWS_SUMS = MG_REGISTERS / 2, /* vectors of a register tile, a multiple of MG_LANES */
    ROWS_KEYS = 16                /* a row of scores is a multiple of this long */
};

MG_INLINE int64_t rows_padded(int64_t count, int64_t to) { return (count + to - 1) / to * to; }

/* Value `index` of f32 or bf16 values. */
MG_INLINE const void *rows_at(const void *values, int64_t index, const int half) {
    return (const char *)values + index * (half ? 2 : 4);
}

/* `step` = 1 vector of f32 or 2 of bf16 at value `index`, of which only `wide` values exist if that is not 0. */
MG_INLINE void rows_load(mg_lanes *out, const void *values, int64_t index, int64_t wide, const int half) {
    const void *p = rows_at(values, index, half);
    if (half && wide)
        mg_widen_first(p, wide, out, out + 1);
    else if (half)
        mg_widen(p, out, out + 1);
    else
        *out = wide ? mg_load_first(p, wide, 0) : mg_load(p);
}

/* out = scale·log2(e)·q, for exponentials that are powers of two; zeros from dim up to a whole vector. */
MG_INLINE void rows_scale(const void *values, int64_t dim, float scale, float *out, const int half) {
    mg_lanes by = mg_splat(scale * ROWS_LOG2E);
    int64_t d = 0;
    if (half) {
        for (; d < dim; d += 2 * MG_LANES) {
            mg_lanes both[2];
            rows_load(both, values, d, dim - d < 2 * MG_LANES ? dim - d : 0, 1);
            mg_store(out + d, mg_mul(both[0], by));
            mg_store(out + d + MG_LANES, mg_mul(both[1], by));
        }
        return;
    }
    const float *q = values;
    for (; d + MG_LANES <= dim; d += MG_LANES)
        mg_store(out + d, mg_mul(mg_load(q + d), by));
    if (d < dim)
        mg_store(out + d, mg_keep_first(mg_mul(mg_load_first(q + d, dim - d, 0), by), dim - d));
}

/* The products of `abreast` keys from `first` on with `rows` queries, over one step of dim. */
MG_INLINE void rows_dots_step(mg_lanes c[ROWS_SUMS], const int rows, const int keys, const int first, const int abreast,
                              const float *q, int64_t q_step, const void *k, int64_t dim, int64_t wide,
                              const int half) {
#pragma clang loop unroll(full)
    for (int j = first; j < first + abreast; j++) {
        mg_lanes key[2];
        rows_load(key, k, j * dim, wide, half);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int n = 0; n < (half ? 2 : 1); n++)
                c[i * keys + j] = mg_fma(key[n], mg_load(q + i * q_step + n * MG_LANES), c[i * keys + j]);
    }
}

/* How many steps of dim a dot product has, as far as the compiler knows: `whole` of them, or any number if that is
   negative, and a last one of fewer values if `part`. */
typedef struct rows_steps {
    int whole, part;
} rows_steps;

/* p[i][j] = q[i] · k[j] for `rows` queries and `keys` keys; rows·keys is at most ROWS_SUMS. Few keys at a time, so
   that memory is read nearly front to back: the hardware then fetches it ahead, which with all keys abreast it did not
   (half the rate from memory). */
MG_INLINE void rows_dots_tile(const int rows, const int keys, const rows_steps steps, const float *q, int64_t q_step,
                              const void *k, int64_t dim, float *p, int64_t p_step, const int half) {
    const int abreast = keys == 1 ? 1 : rows == 1 ? 2 : keys < 4 ? keys : 4;
    const int wide = (half ? 2 : 1) * MG_LANES;
    mg_lanes c[ROWS_SUMS];
#pragma clang loop unroll(full)
    for (int i = rows * keys; i < ROWS_SUMS; i++)
        c[i] = mg_splat(0);
#pragma clang loop unroll(full)
    for (int first = 0; first < keys; first += abreast) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int j = first; j < first + abreast; j++)
                c[i * keys + j] = mg_splat(0);
        int64_t d = 0;
        if (steps.whole >= 0)
#pragma clang loop unroll(full)
            for (int n = 0; n < steps.whole; n++, d += wide)
                rows_dots_step(c, rows, keys, first, abreast, q + d, q_step, rows_at(k, d, half), dim, 0, half);
        else
            for (; d + wide <= dim; d += wide)
                rows_dots_step(c, rows, keys, first, abreast, q + d, q_step, rows_at(k, d, half), dim, 0, half);
        if (steps.whole < 0 ? d < dim : steps.part)
            rows_dots_step(c, rows, keys, first, abreast, q + d, q_step, rows_at(k, d, half), dim, dim - d, half);
    }
    if (keys == 1) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            p[i * p_step] = mg_sum_of(c[i]);
        return;
    }
    float sums[ROWS_SUMS];
#pragma clang loop unroll(full)
    for (int i = 0; i < ROWS_SUMS; i += MG_LANES)
        mg_store(sums + i, mg_sums_of(c + i));
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        memcpy(p + i * p_step, sums + i * keys, (size_t)keys * sizeof(float));
}

/* As many tiles as `count` keys have; returns how many keys that are. */
MG_INLINE int64_t rows_dots_tiles(const int rows, const rows_steps steps, const float *q, int64_t q_step, const void *k,
                                  int64_t count, int64_t dim, float *p, int64_t p_step, const int half) {
    const int keys = ROWS_SUMS / (rows == 3 ? 4 : rows);
    int64_t j = 0;
    for (; j + keys <= count; j += keys)
        rows_dots_tile(rows, keys, steps, q, q_step, rows_at(k, j * dim, half), dim, p + j, p_step, half);
    return j;
}

/* The largest of p[0 ..< count], at least -FLT_MAX: exp of -inf minus that is 0, not NaN. A NaN may stay out of it;
   the sum of the exponentials will not miss it. */
static float rows_max(const float *p, int64_t count) {
    mg_lanes a = mg_splat(-FLT_MAX), b = a;
    int64_t j = 0;
    for (; j + 2 * MG_LANES <= count; j += 2 * MG_LANES) {
        a = mg_max(mg_load(p + j), a);
        b = mg_max(mg_load(p + j + MG_LANES), b);
    }
    for (; j + MG_LANES <= count; j += MG_LANES)
        a = mg_max(mg_load(p + j), a);
    if (j < count)
        b = mg_max(mg_load_first(p + j, count - j, -FLT_MAX), b);
    return mg_max_of(mg_max(a, b));
}

/* p[0 ..< count] = 2^(p - max); returns the sum. */
static float rows_exponentials(float *p, int64_t count, float max) {
    mg_lanes highest = mg_splat(max), sum = mg_splat(0);
    int64_t j = 0;
    for (; j + MG_LANES <= count; j += MG_LANES) {
        mg_lanes e = mg_exp2(mg_sub(mg_load(p + j), highest));
        sum = mg_add(sum, e);
        mg_store(p + j, e);
    }
    if (j < count) {
        mg_lanes e = mg_exp2(mg_sub(mg_load_first(p + j, count - j, 0), highest));
        sum = mg_add(sum, mg_keep_first(e, count - j));
        mg_store_first(p + j, e, count - j);
    }
    return mg_sum_of(sum);
}

/* The products of the value at `index` with the weights of `rows` queries, for `vectors` of dim, of whose last step
   only `wide` values exist if that is not 0. */
MG_INLINE void rows_values_step(mg_lanes *c, const int rows, const int vectors, const float *p, int64_t p_step,
                                const void *v, int64_t index, int64_t wide, const int half) {
    mg_lanes value[ROWS_SUMS];
#pragma clang loop unroll(full)
    for (int n = 0; n < vectors; n += half ? 2 : 1)
        rows_load(value + n, v, index + n * MG_LANES, n + (half ? 2 : 1) < vectors ? 0 : wide, half);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        mg_lanes weight = mg_splat(p[i * p_step]);
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            c[i * vectors + n] = mg_fma(weight, value[n], c[i * vectors + n]);
    }
}

/* o[i] += Σ_j p[i][j] · v[j] for `rows` queries and `vectors` of dim; of the last step only `wide` values if that is
   not 0. o is scratch of whole vectors. */
MG_INLINE void rows_values_tile(const int rows, const int vectors, const float *p, int64_t p_step, const void *v,
                                int64_t count, int64_t dim, float *o, int64_t o_step, int64_t wide, const int half) {
    mg_lanes c[ROWS_SUMS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            c[i * vectors + n] = mg_load(o + i * o_step + n * MG_LANES);
    for (int64_t j = 0; j < count; j++)
        rows_values_step(c, rows, vectors, p + j, p_step, v, j * dim, wide, half);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            mg_store(o + i * o_step + n * MG_LANES, c[i * vectors + n]);
}

#include "rows_alone.tmpl.h"

MG_INLINE void rows_dots(const int rows, const float *q, int64_t q_step, const void *k, int64_t count, int64_t dim,
                         float *p, int64_t p_step, const int half) {
    if (rows == 1) {
        (half ? rows_dots_alone_bf16 : rows_dots_alone_f32)(q, k, count, dim, p);
        return;
    }
    /* With the number of steps known, their loop goes. */
    const rows_steps any = {-1, 0}, common = {64 / (half ? 2 * MG_LANES : MG_LANES), 0};
    int64_t j = 0;
    if (dim == 64)
        j = rows_dots_tiles(rows, common, q, q_step, k, count, 64, p, p_step, half);
    else
        j = rows_dots_tiles(rows, any, q, q_step, k, count, dim, p, p_step, half);
    for (; j < count; j++)
        rows_dots_tile(rows, 1, any, q, q_step, rows_at(k, j * dim, half), dim, p + j, p_step, half);
}

MG_INLINE void rows_values(const int rows, const float *p, int64_t p_step, const void *v, int64_t count, int64_t dim,
                           float *o, int64_t o_step, const int half) {
    if (rows == 1) {
        (half ? rows_values_alone_bf16 : rows_values_alone_f32)(p, v, count, dim, o);
        return;
    }
    const int step = half ? 2 : 1;
    const int most = (ROWS_SUMS / rows < 8 ? ROWS_SUMS / rows : 8) / step * step;
    const int some = most < 4 ? most : 4;
    int64_t d = 0;
    for (; d + most * MG_LANES <= dim; d += most * MG_LANES)
        rows_values_tile(rows, most, p, p_step, rows_at(v, d, half), count, dim, o + d, o_step, 0, half);
    for (; d + some * MG_LANES <= dim; d += some * MG_LANES)
        rows_values_tile(rows, some, p, p_step, rows_at(v, d, half), count, dim, o + d, o_step, 0, half);
    for (; d + step * MG_LANES <= dim; d += step * MG_LANES)
        rows_values_tile(rows, step, p, p_step, rows_at(v, d, half), count, dim, o + d, o_step, 0, half);
    if (d < dim)
        rows_values_tile(rows, step, p, p_step, rows_at(v, d, half), count, dim, o + d, o_step, dim - d, half);
}

/* out = o / sum; zeros if sum is 0, the mark of a query that saw nothing, or nothing above -inf. */
MG_INLINE void rows_give(const float *o, float sum, int64_t dim, float *out, const int half) {
    mg_lanes by = mg_inverse(mg_splat(sum));
    int64_t d = 0;
    if (half) {
        for (; d < dim; d += 2 * MG_LANES) {
            float both[2 * MG_LANES];
            mg_store(both, mg_mul_or_zero(mg_load(o + d), by));
            mg_store(both + MG_LANES, mg_mul_or_zero(mg_load(o + d + MG_LANES), by));
            for (int64_t i = 0; i < 2 * MG_LANES && d + i < dim; i++)
                out[d + i] = both[i % 2 * MG_LANES + i / 2];
        }
        return;
    }
    for (; d + MG_LANES <= dim; d += MG_LANES)
        mg_store(out + d, mg_mul_or_zero(mg_load(o + d), by));
    if (d < dim)
        mg_store_first(out + d, mg_mul_or_zero(mg_load(o + d), by), dim - d);
}
