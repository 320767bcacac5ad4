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

MG_INLINE __m512 halves_add(__m512 sum, __m512i a, __m512i b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

/* The first `count`, at most 32, values at `p`, and zeros. */
MG_INLINE __m512i halves_first(const uint16_t *p, int64_t count) {
    return _mm512_maskz_loadu_epi16(count >= 32 ? 0xffffffffu : (1u << count) - 1, p);
}

/* The products of 32 values of a key with `rows` queries. */
MG_INLINE void halves_products_step(__m512 *c, const int rows, const int keys, const uint16_t *q, int64_t step,
                                    __m512i key) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        c[i * keys] = halves_add(c[i * keys], key, _mm512_loadu_si512(q + i * step));
}

/* c[i][j] = q[i] · k[j], before its sum across lanes. Query rows are padded with zeros to `step`, a multiple of 32. */
MG_INLINE void halves_products(__m512 *c, const int rows, const int keys, const rows_steps steps, const uint16_t *q,
                               int64_t step, const uint16_t *k, int64_t dim) {
#pragma clang loop unroll(full)
    for (int j = 0; j < keys; j++, k += dim) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            c[i * keys + j] = _mm512_setzero_ps();
        int64_t d = 0;
        if (steps.whole >= 0)
#pragma clang loop unroll(full)
            for (int n = 0; n < steps.whole; n++, d += 32)
                halves_products_step(c + j, rows, keys, q + d, step, _mm512_loadu_si512(k + d));
        else
            for (; d + 32 <= dim; d += 32)
                halves_products_step(c + j, rows, keys, q + d, step, _mm512_loadu_si512(k + d));
        if (steps.whole < 0 ? d < dim : steps.part)
            halves_products_step(c + j, rows, keys, q + d, step, halves_first(k + d, dim - d));
    }
}

/* p[i][j] = q[i] · k[j] for as many keys as come in 16s, four at a time: sums across lanes, of which there are as many
   as products, go half of their way at once, so that few vectors wait. Returns how many keys that are. */
MG_INLINE int64_t halves_dots_16(const int rows, const rows_steps steps, const uint16_t *q, int64_t step,
                                 const uint16_t *k, int64_t count, int64_t dim, float *p, int64_t p_step) {
    int64_t j = 0;
    for (; j + 16 <= count; j += 16) {
        __m512 u[4][4];
#pragma clang loop unroll(full)
        for (int n = 0; n < 4; n++) {
            __m512 c[16];
            halves_products(c, rows, 4, steps, q, step, k + (j + 4 * n) * dim, dim);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                u[i][n] = mg_sums_of_4(c + 4 * i);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            mg_store(p + i * p_step + j, mg_sums_of_quarters(u[i]));
    }
    return j;
}

#define HALVES_DOTS_OF(n)                                                                                              \
    case 2 * (n):                                                                                                      \
        j = halves_dots_16(rows, (rows_steps){n, 0}, q, step, k, count, dim, p, p_step);                               \
        break;                                                                                                         \
    case 2 * (n) + 1:                                                                                                  \
        j = halves_dots_16(rows, (rows_steps){n, 1}, q, step, k, count, dim, p, p_step);                               \
        break

MG_INLINE void halves_dots(const int rows, const uint16_t *q, int64_t step, const uint16_t *k, int64_t count,
                           int64_t dim, float *p, int64_t p_step) {
    const rows_steps any = {-1, 0};
    int64_t j = 0;
    /* Of the common dim the query rows stay in registers: a load of them for each key takes as long as the key's own.
     */
    if (dim == 64)
        j = halves_dots_16(rows, (rows_steps){2, 0}, q, step, k, count, 64, p, p_step);
    else
        switch (2 * (dim / 32) + (dim % 32 > 0)) {
            HALVES_DOTS_OF(1);
            HALVES_DOTS_OF(2);
            HALVES_DOTS_OF(3);
            HALVES_DOTS_OF(4);
        default:
            j = halves_dots_16(rows, any, q, step, k, count, dim, p, p_step);
        }
    for (; j < count; j++) {
        __m512 c[4];
        halves_products(c, rows, 1, any, q, step, k + j * dim, dim);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            p[i * p_step + j] = mg_sum_of(c[i]);
    }
}
#undef HALVES_DOTS_OF

/* The products of two keys' values at `v`, or of a last key alone, with the weights of `rows` queries, for 32·`wide`
   of dim; of the last 32 only those of the mask if `part`. */
MG_INLINE void halves_values_step(__m512 *c, const int rows, const int wide, const int part, const int alone,
                                  const uint16_t *p, int64_t p_step, const uint16_t *v, int64_t dim, __mmask32 some) {
    __m512i value[8];
#pragma clang loop unroll(full)
    for (int n = 0; n < wide; n++) {
        const uint16_t *row = v + n * 32;
        const int masked = part && n == wide - 1;
        __m512i even = masked ? _mm512_maskz_loadu_epi16(some, row) : _mm512_loadu_si512(row);
        __m512i odd = alone    ? _mm512_setzero_si512()
                      : masked ? _mm512_maskz_loadu_epi16(some, row + dim)
                               : _mm512_loadu_si512(row + dim);
        value[2 * n] = _mm512_unpacklo_epi16(even, odd);
        value[2 * n + 1] = _mm512_unpackhi_epi16(even, odd);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        int32_t pair;
        memcpy(&pair, p + i * p_step, sizeof pair);
        __m512i weights = _mm512_set1_epi32(pair);
#pragma clang loop unroll(full)
        for (int n = 0; n < 2 * wide; n++)
            c[i * 2 * wide + n] = halves_add(c[i * 2 * wide + n], value[n], weights);
    }
}

/* o[i] += Σ_j p[i][j] · v[j] for 32·`wide` of dim, or for `last` fewer than 32 in the last of them if `part`; o has
   each 32 of dim in the order that interleaving within quarters leaves: no operation that crosses them is needed for a
   value. */
MG_INLINE void halves_values_tile(const int rows, const int wide, const int part, const uint16_t *p, int64_t p_step,
                                  const uint16_t *v, int64_t count, int64_t dim, int64_t last, float *o, int64_t step) {
    const __mmask32 some = part ? (1u << last) - 1 : 0xffffffffu;
    __m512 c[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < 2 * wide; n++)
            c[i * 2 * wide + n] = mg_load(o + i * step + n * 16);
    int64_t j = 0;
    for (; j + 2 <= count; j += 2)
        halves_values_step(c, rows, wide, part, 0, p + j, p_step, v + j * dim, dim, some);
    if (j < count)
        halves_values_step(c, rows, wide, part, 1, p + j, p_step, v + j * dim, dim, some);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < 2 * wide; n++)
            mg_store(o + i * step + n * 16, c[i * 2 * wide + n]);
}

#define HALVES_VALUES_OF(n)                                                                                            \
    case n:                                                                                                            \
        if (n > most)                                                                                                  \
            break;                                                                                                     \
        if (last < 32)                                                                                                 \
            halves_values_tile(rows, n, 1, p, p_step, v + d, count, dim, last, o + d, step);                           \
        else                                                                                                           \
            halves_values_tile(rows, n, 0, p, p_step, v + d, count, dim, 32, o + d, step);                             \
        break

MG_INLINE void halves_values(const int rows, const uint16_t *p, int64_t p_step, const uint16_t *v, int64_t count,
                             int64_t dim, float *o, int64_t step) {
    const int most = rows > 2 ? 2 : 4;
    int64_t vectors = (dim + 31) / 32, d = 0;
    for (int64_t passes = (vectors + most - 1) / most; passes > 0; passes--) {
        int64_t some = (vectors + passes - 1) / passes, last = dim - d - (some - 1) * 32;
        switch (some) {
            HALVES_VALUES_OF(1);
            HALVES_VALUES_OF(2);
            HALVES_VALUES_OF(3);
            HALVES_VALUES_OF(4);
        }
        vectors -= some;
        d += some * 32;
    }
}
#undef HALVES_VALUES_OF

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
