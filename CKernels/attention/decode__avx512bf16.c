/* decode.h with vdpbf16ps: decode__avx512 widens bf16 and then spends an f32 multiply-add on each value and query row,
   so that a group of three heads computes for longer than its cache takes to come in. Here a vector of K, 32 of dim,
   meets a query row in one instruction, and two rows of V, interleaved in registers once for all rows of the group,
   meet a pair of weights. The weights are rounded to bf16, their sum is not: 2^-9 of the largest value at most.
   Needs AVX-512 BF16. Gains little for a group of one, whose cache comes in no faster; refuses more than 8 queries.
   Dao et al. 2023, "Flash-Decoding". */
#if defined(__x86_64__)
#include "lanes_avx512.h"

MG_TARGET_AVX512_BF16
#include "decode.h"

enum { HALVES_KEYS = 64 }; /* keys whose values are added before the sums go back to memory */

MG_INLINE __m512 halves_add(__m512 sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

/* The first `count`, at most 32, values at `p`, and zeros. */
MG_INLINE __m512i halves_first(const uint16_t *p, int64_t count) {
    return _mm512_maskz_loadu_epi16(count >= 32 ? 0xffffffffu : (1u << count) - 1, p);
}

/* p[i][j] = q[i] · k[j]; rows·keys is 16, or keys is 1. Query rows are padded with zeros to `step`, a multiple of 32.
 */
MG_INLINE void halves_dots_tile(const int rows, const int keys, const uint16_t *q, int64_t step, const uint16_t *k,
                                int64_t dim, float *p) {
    __m512 c[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++)
        c[i] = _mm512_setzero_ps();
    const int64_t whole = dim / 32 * 32;
#pragma clang loop unroll(full)
    for (int j = 0; j < keys; j++) {
        for (int64_t d = 0; d < whole; d += 32) {
            __m512i key = _mm512_loadu_si512(k + j * dim + d);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                c[i * keys + j] = halves_add(c[i * keys + j], key, _mm512_loadu_si512(q + i * step + d));
        }
        if (whole < dim) {
            __m512i key = halves_first(k + j * dim + whole, dim - whole);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                c[i * keys + j] = halves_add(c[i * keys + j], key, _mm512_loadu_si512(q + i * step + whole));
        }
    }
    if (keys == 1) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            p[i * DECODE_CHUNK] = mg_sum_of(c[i]);
        return;
    }
    float sums[16];
    mg_store(sums, mg_sums_of(c));
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        memcpy(p + i * DECODE_CHUNK, sums + i * keys, (size_t)keys * sizeof(float));
}

MG_INLINE void halves_dots(const int rows, const uint16_t *q, int64_t step, const uint16_t *k, int64_t count,
                           int64_t dim, float *p) {
    const int keys = 16 / (rows == 3 ? 4 : rows);
    int64_t j = 0;
    /* Of the common dim the query rows stay in registers: a load of them for each key takes as long as the key's own.
     */
    for (; dim == 64 && j + keys <= count; j += keys)
        halves_dots_tile(rows, keys, q, step, k + j * 64, 64, p + j);
    for (; j + keys <= count; j += keys)
        halves_dots_tile(rows, keys, q, step, k + j * dim, dim, p + j);
    for (; j < count; j++)
        halves_dots_tile(rows, 1, q, step, k + j * dim, dim, p + j);
}

/* o[i] += Σ_j p[i][j] · v[j] for 32·`wide` of dim from `d` on, or for fewer than 32 if `part`. A row of weights is
   DECODE_CHUNK floats apart from the next, and holds bf16. */
MG_INLINE void halves_values_tile(const int rows, const int wide, const int part, const uint16_t *p, const uint16_t *v,
                                  int64_t count, int64_t dim, int64_t d, float *o, int64_t step) {
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37,
                                         5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
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
            value[2 * n] = _mm512_permutex2var_epi16(even, low, odd);
            value[2 * n + 1] = _mm512_permutex2var_epi16(even, high, odd);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            int32_t pair;
            memcpy(&pair, p + i * 2 * DECODE_CHUNK + j, sizeof pair);
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

MG_INLINE void halves_values(const int rows, const uint16_t *p, const uint16_t *v, int64_t count, int64_t dim, float *o,
                             int64_t step) {
    int64_t d = 0;
    for (; d + 64 <= dim; d += 64)
        halves_values_tile(rows, 2, 0, p, v, count, dim, d, o, step);
    for (; d + 32 <= dim; d += 32)
        halves_values_tile(rows, 1, 0, p, v, count, dim, d, o, step);
    if (d < dim)
        halves_values_tile(rows, 1, 1, p, v, count, dim, d, o, step);
}

/* Scores to weights in bf16 in their place, whose odd last is followed by a 0; maximum and sum noted. */
static void halves_weights(float *p, int64_t seen, float scale, float *max, float *sum) {
    for (int64_t j = 0; j < DECODE_CHUNK; j += 16)
        mg_store(p + j, mg_mul(mg_load(p + j), mg_splat(scale)));
    *max = rows_max(p, seen);
    *sum = rows_exponentials(p, seen, *max);
    for (int64_t j = 0; j < seen; j += 16) {
        __m512 some = seen - j < 16 ? mg_load_first(p + j, seen - j, 0) : mg_load(p + j);
        _mm256_storeu_si256((__m256i *)((uint16_t *)p + j), (__m256i)_mm512_cvtneps_pbh(some));
    }
}

MG_INLINE void halves_chunk(const mg_attention *a, const decode_shape *s, int64_t group, int64_t from, float *partial,
                            float *scratch) {
    uint16_t *q = (uint16_t *)scratch;
    float *p = scratch + s->rows * s->stride, *max = partial + s->rows * s->stride, *sum = max + s->rows;
    const int64_t count = attention_least(a->keys - from, DECODE_CHUNK), dim = a->dim, rows = s->rows;
    const uint16_t *k = (const uint16_t *)a->k + (group * a->keys + from) * dim;
    const uint16_t *v = (const uint16_t *)a->v + (group * a->keys + from) * dim;
    for (int64_t row = 0; row < rows; row++)
        for (int64_t d = 0; d < s->stride; d += 32)
            _mm512_storeu_si512(q + row * s->stride + d,
                                halves_first((const uint16_t *)a->q + (group * rows + row) * dim + d, dim - d));
    for (int64_t i = 0; i < rows * s->stride; i += MG_LANES)
        mg_store(partial + i, mg_splat(0));
    for (int64_t i = 0; i < rows * DECODE_CHUNK; i += MG_LANES)
        mg_store(p + i, mg_splat(0));
    for (int64_t j = 0; j < count; j += ROWS_KEYS) {
        int64_t keys = attention_least(count - j, ROWS_KEYS), row = 0;
        const uint16_t *some = k + j * dim;
        for (; row + 4 <= rows; row += 4)
            halves_dots(4, q + row * s->stride, s->stride, some, keys, dim, p + row * DECODE_CHUNK + j);
        for (; row + 3 <= rows; row += 3)
            halves_dots(3, q + row * s->stride, s->stride, some, keys, dim, p + row * DECODE_CHUNK + j);
        for (; row + 2 <= rows; row += 2)
            halves_dots(2, q + row * s->stride, s->stride, some, keys, dim, p + row * DECODE_CHUNK + j);
        for (; row < rows; row++)
            halves_dots(1, q + row * s->stride, s->stride, some, keys, dim, p + row * DECODE_CHUNK + j);
    }
    for (int64_t row = 0; row < rows; row++)
        halves_weights(p + row * DECODE_CHUNK, decode_seen(a, row, from, count), a->scale * ROWS_LOG2E, max + row,
                       sum + row);
    /* Rows take a value together only if all of them see it: a weight of 0 would not keep a NaN out. */
    const uint16_t *weights = (const uint16_t *)p;
    int64_t whole = a->queries > 0 ? decode_seen(a, 0, from, count) : 0;
    for (int64_t j = 0; j < count; j += HALVES_KEYS) {
        int64_t keys = attention_least(count - j, HALVES_KEYS), row = 0;
        const uint16_t *some = v + j * dim;
        if (j + keys <= whole) {
            for (; row + 4 <= rows; row += 4)
                halves_values(4, weights + row * 2 * DECODE_CHUNK + j, some, keys, dim, partial + row * s->stride,
                              s->stride);
            for (; row + 3 <= rows; row += 3)
                halves_values(3, weights + row * 2 * DECODE_CHUNK + j, some, keys, dim, partial + row * s->stride,
                              s->stride);
            for (; row + 2 <= rows; row += 2)
                halves_values(2, weights + row * 2 * DECODE_CHUNK + j, some, keys, dim, partial + row * s->stride,
                              s->stride);
        }
        for (; row < rows; row++)
            halves_values(1, weights + row * 2 * DECODE_CHUNK + j, some, decode_seen(a, row, from + j, keys), dim,
                          partial + row * s->stride, s->stride);
    }
}

static void halves(const void *arguments, const mg_work *work) { decode_chunks(arguments, work, halves_chunk, 0); }

static const char *halves_refuses(const void *arguments) {
    const mg_attention *a = arguments;
    return a->dtype != MG_BF16 ? "it computes bf16 only" : decode_refuses(arguments);
}
MG_UNTARGET

const mg_variant mg_attention_decode__avx512bf16 = {
    .name = "decode__avx512bf16",
    .kind = MG_FUSED,
    .needs = MG_AVX512 | MG_AVX512_BF16,
    .story =
        "decode__avx512 on pairs of bf16, not widened: weights rounded to bf16, rows of V interleaved in registers",
    .refuses = halves_refuses,
    .workspace_bytes = decode_workspace,
    .run = halves,
};
#endif
