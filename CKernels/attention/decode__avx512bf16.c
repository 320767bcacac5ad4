/* decode.tmpl.h with vdpbf16ps: decode__avx512 widens bf16 and then spends an f32 multiply-add on each value and query
   row, so that a group of three heads computes for longer than its cache takes to come in. Here a vector of K, 32 of
   dim, meets a query row in one instruction, and two rows of V, interleaved in registers once for all rows of the
   group, meet a pair of weights. The weights are rounded to bf16, their sum is not: 2^-9 of the largest value at most.
   Needs AVX-512 BF16. Gains little for a group of one, whose cache comes in no faster; refuses more than 8 queries.
   Dao et al. 2023, "Flash-Decoding". */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512_BF16
#include "decode.tmpl.h"

MG_INLINE __m512 halves_add(__m512 sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

/* The first `count`, at most 32, values at `p`, and zeros. */
MG_INLINE __m512i halves_first(const uint16_t *p, int64_t count) {
    return _mm512_maskz_loadu_epi16(count >= 32 ? 0xffffffffu : (1u << count) - 1, p);
}

#include "decode_alone.tmpl.h"

/* c[i][j] = q[i] · k[j], before its sum across lanes. Query rows are padded with zeros to `step`, a multiple of 32. */
MG_INLINE void halves_products(__m512 *c, const int rows, const int keys, const uint16_t *q, int64_t step,
                               const uint16_t *k, int64_t dim) {
#pragma clang loop unroll(full)
    for (int j = 0; j < keys; j++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            c[i * keys + j] = _mm512_setzero_ps();
        int64_t d = 0;
        for (; d + 32 <= dim; d += 32) {
            __m512i key = _mm512_loadu_si512(k + j * dim + d);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                c[i * keys + j] = halves_add(c[i * keys + j], key, _mm512_loadu_si512(q + i * step + d));
        }
        if (d < dim) {
            __m512i key = halves_first(k + j * dim + d, dim - d);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                c[i * keys + j] = halves_add(c[i * keys + j], key, _mm512_loadu_si512(q + i * step + d));
        }
    }
}

/* p[i][j] = q[i] · k[j] for 16 keys, four at a time: sums across lanes, of which there are as many as products, go
   half of their way at once, so that few vectors wait. */
MG_INLINE void halves_dots_16(const int rows, const uint16_t *q, int64_t step, const uint16_t *k, int64_t dim, float *p,
                              int64_t p_step) {
    __m512 u[4][4];
#pragma clang loop unroll(full)
    for (int n = 0; n < 4; n++) {
        __m512 c[16];
        halves_products(c, rows, 4, q, step, k + 4 * n * dim, dim);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            u[i][n] = mg_sums_of_4(c + 4 * i);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        mg_store(p + i * p_step, mg_sums_of_quarters(u[i]));
}

MG_INLINE void halves_dots(const int rows, const uint16_t *q, int64_t step, const uint16_t *k, int64_t count,
                           int64_t dim, float *p, int64_t p_step) {
    if (rows == 1) {
        alone_dots(q, k, count, dim, p);
        return;
    }
    int64_t j = 0;
    /* Of the common dim the query rows stay in registers: a load of them for each key takes as long as the key's own.
     */
    for (; dim == 64 && j + 16 <= count; j += 16)
        halves_dots_16(rows, q, step, k + j * 64, 64, p + j, p_step);
    for (; j + 16 <= count; j += 16)
        halves_dots_16(rows, q, step, k + j * dim, dim, p + j, p_step);
    for (; j < count; j++) {
        __m512 c[4];
        halves_products(c, rows, 1, q, step, k + j * dim, dim);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            p[i * p_step + j] = mg_sum_of(c[i]);
    }
}

/* o[i] += Σ_j p[i][j] · v[j] for 32·`wide` of dim from `d` on, or for fewer than 32 if `part`; o has each 32 of dim in
   the order that interleaving within quarters leaves: no operation that crosses them is needed for a value. */
MG_INLINE void halves_values_tile(const int rows, const int wide, const int part, const uint16_t *p, int64_t p_step,
                                  const uint16_t *v, int64_t count, int64_t dim, int64_t d, float *o, int64_t step) {
    __m512 c[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < 2 * wide; n++)
            c[i * 2 * wide + n] = mg_load(o + i * step + d + n * 16);
    for (int64_t j = 0; j < count; j += 2) {
        __m512i value[4];
#pragma clang loop unroll(full)
        for (int n = 0; n < wide; n++) {
            const uint16_t *row = v + j * dim + d + n * 32;
            int64_t some = part ? dim - d : 32;
            __m512i even = part ? halves_first(row, some) : _mm512_loadu_si512(row);
            /* A key beyond the last is 0, whatever lies there. */
            __m512i odd = part || j + 1 == count ? halves_first(row + dim, j + 1 < count ? some : 0)
                                                 : _mm512_loadu_si512(row + dim);
            value[2 * n] = _mm512_unpacklo_epi16(even, odd);
            value[2 * n + 1] = _mm512_unpackhi_epi16(even, odd);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            int32_t pair;
            memcpy(&pair, p + i * p_step + j, sizeof pair);
            __m512i weights = _mm512_set1_epi32(pair);
#pragma clang loop unroll(full)
            for (int n = 0; n < 2 * wide; n++)
                c[i * 2 * wide + n] = halves_add(c[i * 2 * wide + n], value[n], weights);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < 2 * wide; n++)
            mg_store(o + i * step + d + n * 16, c[i * 2 * wide + n]);
}

MG_INLINE void halves_values(const int rows, const uint16_t *p, int64_t p_step, const uint16_t *v, int64_t count,
                             int64_t dim, float *o, int64_t step) {
    if (rows == 1) {
        alone_values(p, v, count, dim, o);
        return;
    }
    int64_t d = 0;
    for (; d + 64 <= dim; d += 64)
        halves_values_tile(rows, 2, 0, p, p_step, v, count, dim, d, o, step);
    for (; d + 32 <= dim; d += 32)
        halves_values_tile(rows, 1, 0, p, p_step, v, count, dim, d, o, step);
    if (d < dim)
        halves_values_tile(rows, 1, 1, p, p_step, v, count, dim, d, o, step);
}

/* `count` floats, a multiple of 32, from that order to the plain one. */
static void halves_straighten(float *o, int64_t count) {
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
    const __m512i second = _mm512_add_epi32(first, _mm512_set1_epi32(8));
    for (int64_t d = 0; d < count; d += 32) {
        __m512 low = mg_load(o + d), high = mg_load(o + d + 16);
        mg_store(o + d, _mm512_permutex2var_ps(low, first, high));
        mg_store(o + d + 16, _mm512_permutex2var_ps(low, second, high));
    }
}

/* Scores to weights in bf16 in their place, whose odd last is followed by a 0; maximum and sum noted. */
static void halves_weights(float *p, int64_t seen, float scale, float *max, float *sum) {
    for (int64_t j = 0; j < seen; j += 16)
        mg_store(p + j, mg_mul(mg_load(p + j), mg_splat(scale)));
    *max = rows_max(p, seen);
    *sum = rows_exponentials(p, seen, *max);
    for (int64_t j = 0; j < seen; j += 16) {
        __m512 some = seen - j < 16 ? mg_load_first(p + j, seen - j, 0) : mg_load(p + j);
        _mm256_storeu_si256((__m256i *)((uint16_t *)p + j), (__m256i)_mm512_cvtneps_pbh(some));
    }
}

MG_INLINE void halves_scores(const decode_shape *s, const uint16_t *q, const uint16_t *k, int64_t count, int64_t dim,
                             float *p) {
    const int64_t rows = s->rows, step = s->stride, p_step = s->chunk;
    if (rows == 1) {
        alone_dots(q, k, count, dim, p);
        return;
    }
    for (int64_t j = 0; j < count; j += ROWS_KEYS, k += ROWS_KEYS * dim, p += ROWS_KEYS) {
        int64_t keys = attention_least(count - j, ROWS_KEYS), row = 0;
        for (; row + 4 <= rows; row += 4)
            halves_dots(4, q + row * step, step, k, keys, dim, p + row * p_step, p_step);
        for (; row + 3 <= rows; row += 3)
            halves_dots(3, q + row * step, step, k, keys, dim, p + row * p_step, p_step);
        for (; row + 2 <= rows; row += 2)
            halves_dots(2, q + row * step, step, k, keys, dim, p + row * p_step, p_step);
        for (; row < rows; row++)
            halves_dots(1, q + row * step, step, k, keys, dim, p + row * p_step, p_step);
    }
}

MG_INLINE void halves_all_values(const mg_attention *a, const decode_shape *s, const uint16_t *p, const uint16_t *v,
                                 int64_t from, int64_t count, float *o) {
    const int64_t rows = s->rows, step = s->stride, p_step = 2 * s->chunk, dim = a->dim;
    const int64_t most = rows == 1 ? s->chunk : DECODE_VALUES;
    /* Rows take a value together only if all of them see it: a weight of 0 would not keep a NaN out. */
    int64_t whole = a->queries > 0 ? decode_seen(a, 0, from, count) : 0;
    for (int64_t j = 0; j < count; j += most, v += most * dim, p += most) {
        int64_t keys = attention_least(count - j, most), row = 0;
        if (j + keys <= whole) {
            for (; row + 4 <= rows; row += 4)
                halves_values(4, p + row * p_step, p_step, v, keys, dim, o + row * step, step);
            for (; row + 3 <= rows; row += 3)
                halves_values(3, p + row * p_step, p_step, v, keys, dim, o + row * step, step);
            for (; row + 2 <= rows; row += 2)
                halves_values(2, p + row * p_step, p_step, v, keys, dim, o + row * step, step);
        }
        for (; row < rows; row++)
            halves_values(1, p + row * p_step, p_step, v, decode_seen(a, row, from + j, keys), dim, o + row * step,
                          step);
    }
}

MG_INLINE void halves_chunk(const mg_attention *a, const decode_shape *s, int64_t group, int64_t from, float *partial,
                            float *scratch) {
    uint16_t *q = (uint16_t *)scratch;
    float *p = scratch + s->rows * s->stride, *max = partial + s->rows * s->stride, *sum = max + s->rows;
    const int64_t count = attention_least(a->keys - from, s->chunk), at = (group * a->keys + from) * a->dim;
    for (int64_t row = 0; row < s->rows; row++)
        for (int64_t d = 0; d < s->stride; d += 32)
            _mm512_storeu_si512(
                q + row * s->stride + d,
                halves_first((const uint16_t *)a->q + (group * s->rows + row) * a->dim + d, a->dim - d));
    for (int64_t i = 0; i < s->rows * s->stride; i += MG_LANES)
        mg_store(partial + i, mg_splat(0));
    halves_scores(s, q, (const uint16_t *)a->k + at, count, a->dim, p);
    for (int64_t row = 0; row < s->rows; row++)
        halves_weights(p + row * s->chunk, decode_seen(a, row, from, count), a->scale * ROWS_LOG2E, max + row,
                       sum + row);
    halves_all_values(a, s, (const uint16_t *)p, (const uint16_t *)a->v + at, from, count, partial);
    halves_straighten(partial, s->rows * s->stride);
}

static void halves(const void *arguments, const mg_work *work) { decode_chunks(arguments, work, halves_chunk, 0); }

static const char *halves_refuses(const void *arguments) {
    const mg_attention *a = arguments;
    return a->dtype != MG_BF16 ? "it computes bf16 only" : decode_refuses(arguments);
}
MG_UNTARGET

const mg_kernel mg_attention_decode__avx512bf16 = {
    .refuses = halves_refuses,
    .workspace_bytes = decode_workspace,
    .run = halves,
};
#endif
