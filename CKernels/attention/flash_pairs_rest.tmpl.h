#pragma once
/* flash_rest.tmpl.h for flash__avx512bf16: the last queries of a head with keys and then dim as the lanes, in pairs of
   bf16. A square of K is of pairs of d; two neighbouring scores of a row become a pair of weights as they lie. The
   order of each sum is that of flash_pairs.tmpl.h. Included by flash__avx512bf16.c, inside the target region. */
#include "flash_pairs.tmpl.h"

MG_INLINE void pairs_rest_scores(const flash_block *f, const int rows, int64_t stride, int64_t from, int64_t to) {
    for (int64_t key = from; key < to; key += MG_LANES) {
        int64_t count = attention_least(to - key, MG_LANES);
        __m512 c[FLASH_REST];
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            c[i] = _mm512_setzero_ps();
        for (int64_t d = 0; d < f->dim; d += 2 * MG_LANES) {
            int64_t wide = attention_least(f->dim - d, 2 * MG_LANES);
            const __mmask32 some = 0xffffffffu >> (32 - wide);
            const uint16_t *k = (const uint16_t *)f->k + key * f->dim + d;
            const float *q = f->q + d / 2;
            __m512 r[MG_LANES];
            if (count == MG_LANES)
#pragma clang loop unroll(full)
                for (int i = 0; i < MG_LANES; i++)
                    r[i] = _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(some, k + i * f->dim));
            else
                for (int64_t i = 0; i < MG_LANES; i++)
                    r[i] = _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(i < count ? some : 0, k + i * f->dim));
            mg_transpose(r);
#pragma clang loop unroll(full)
            for (int e = 0; e < MG_LANES; e++)
#pragma clang loop unroll(full)
                for (int i = 0; i < rows; i++)
                    c[i] = pairs_add(c[i], r[e], mg_splat(q[i * stride + e]));
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            mg_store(f->p + i * FLASH_KEYS + key - from, c[i]);
    }
}

/* The row's `count` scores to exponentials, in their place for the sums and as bf16 at `w`; zeros up to `all`. */
MG_INLINE void pairs_rest_exponentials(float *p, uint16_t *w, int64_t count, int64_t all, float max, float scale) {
    const __m512 highest = mg_splat(max), by = mg_splat(scale);
    for (int64_t key = 0; key < all; key += MG_LANES) {
        const int64_t left = attention_most(0, attention_least(count - key, MG_LANES));
        const __mmask16 some = (__mmask16)((1u << left) - 1);
        __m512 e = _mm512_maskz_mov_ps(some, pairs_exp2(mg_mul(mg_sub(mg_load(p + key), highest), by)));
        mg_store(p + key, e);
        _mm256_storeu_si256((__m256i *)(w + key), (__m256i)_mm512_cvtneps_pbh(e));
    }
}

/* Sums of the weights, pair after pair. */
MG_INLINE void pairs_rest_sums(const flash_block *f, const int rows, int64_t count) {
    float sum[MG_LANES] = {0};
    for (int64_t key = 0; key < count; key += 2)
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            sum[i] += f->p[i * FLASH_KEYS + key] + f->p[i * FLASH_KEYS + key + 1];
    mg_store(f->sum, mg_fma(mg_load(f->sum), mg_load(f->rescale), mg_load(sum)));
}

/* o[i] += Σ p[i][pair] · v[pair] for 16·`vectors` of dim, of whose last 16 those of the mask exist. `own` keeps what is
   seen of a pair. */
MG_INLINE void pairs_rest_tile(const int rows, const int vectors, const uint16_t *w, const uint32_t *v, int64_t pairs,
                               int64_t dim, float *o, int64_t stride, __mmask16 some, int32_t own) {
    __m512 c[4][4];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            c[i][n] = mg_load(o + i * stride + n * MG_LANES);
    for (int64_t pair = 0; pair < pairs; pair++, v += dim, w += 2) {
        __m512 value[4];
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++) {
            __m512i both = _mm512_maskz_loadu_epi32(n == vectors - 1 ? some : 0xffff, v + n * MG_LANES);
            value[n] = _mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32(own)));
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512 weights = pairs_splat(w + i * FLASH_KEYS);
#pragma clang loop unroll(full)
            for (int n = 0; n < vectors; n++)
                c[i][n] = pairs_add(c[i][n], value[n], weights);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            mg_store(o + i * stride + n * MG_LANES, c[i][n]);
}

MG_INLINE void pairs_rest_values(const int rows, const uint16_t *w, const uint32_t *v, int64_t pairs, int64_t dim,
                                 float *o, int64_t stride, int32_t own) {
    for (int64_t d = 0; d < dim; d += 64) {
        const int64_t left = dim - d, vectors = attention_least((left + 15) / 16, 4);
        const __mmask16 some = left >= vectors * 16 ? 0xffff : (__mmask16)((1u << left % 16) - 1);
        if (vectors == 4)
            pairs_rest_tile(rows, 4, w, v + d, pairs, dim, o + d, stride, some, own);
        else if (vectors == 3)
            pairs_rest_tile(rows, 3, w, v + d, pairs, dim, o + d, stride, some, own);
        else if (vectors == 2)
            pairs_rest_tile(rows, 2, w, v + d, pairs, dim, o + d, stride, some, own);
        else
            pairs_rest_tile(rows, 1, w, v + d, pairs, dim, o + d, stride, some, own);
    }
}

MG_INLINE void pairs_rest_outputs(const flash_block *f, int64_t rows, int64_t stride, int64_t from, const int64_t *seen,
                                  const uint16_t *w) {
    int64_t all = seen[0] / 2, i = 0;
    for (; i < rows; i++) {
        all = attention_least(all, seen[i] / 2);
        for (int64_t d = 0; d < stride; d += MG_LANES)
            mg_store(f->o + i * stride + d,
                     f->fresh ? mg_splat(0) : mg_mul(mg_splat(f->rescale[i]), mg_load(f->o + i * stride + d)));
    }
    const uint32_t *v = (const uint32_t *)f->v + from / 2 * f->dim;
    float *o = f->o;
    for (i = 0; i + 4 <= rows; i += 4)
        pairs_rest_values(4, w + i * FLASH_KEYS, v, all, f->dim, o + i * stride, stride, -1);
    for (; i + 2 <= rows; i += 2)
        pairs_rest_values(2, w + i * FLASH_KEYS, v, all, f->dim, o + i * stride, stride, -1);
    for (; i < rows; i++)
        pairs_rest_values(1, w + i * FLASH_KEYS, v, all, f->dim, o + i * stride, stride, -1);
    for (i = 0; i < rows; i++) {
        int64_t own = seen[i] / 2;
        if (own > all)
            pairs_rest_values(1, w + i * FLASH_KEYS + 2 * all, v + all * f->dim, own - all, f->dim, o + i * stride,
                              stride, -1);
        if (seen[i] % 2) /* the last key's neighbour is not seen: a weight of 0 would not keep a NaN out */
            pairs_rest_values(1, w + i * FLASH_KEYS + 2 * own, v + own * f->dim, 1, f->dim, o + i * stride, stride,
                              0xffff);
    }
}

MG_INLINE void pairs_rest_block(const mg_attention *a, flash_block *f, const int width, int64_t query, int64_t rows,
                                int64_t stride, int64_t from, int64_t to) {
    int64_t seen[MG_LANES];
    uint16_t *w = (uint16_t *)(f->p + FLASH_REST * FLASH_KEYS); /* [rows][FLASH_KEYS], beside the scores */
    pairs_rest_scores(f, width, stride, from, to);
    rest_maxima(a, f, query, rows, from, to, seen, f->scale);
    for (int64_t i = 0; i < width; i++)
        pairs_rest_exponentials(f->p + i * FLASH_KEYS, w + i * FLASH_KEYS, i < rows ? seen[i] : 0, to - from, f->max[i],
                                f->scale);
    pairs_rest_sums(f, width, to - from);
    pairs_rest_outputs(f, rows, stride, from, seen, w);
}

/* `rows` <= FLASH_REST queries from `query` on. */
static __attribute__((noinline)) void pairs_rest(const mg_attention *a, flash_block *f, int64_t head, int64_t query,
                                                 int64_t rows) {
    const int64_t stride = rows_padded(a->dim, MG_LANES), first = head * a->queries + query;
    for (int64_t i = 0; i < FLASH_REST; i++)
        for (int64_t d = 0; d < a->dim; d += 2 * MG_LANES) {
            const __mmask32 some = 0xffffffffu >> (32 - attention_least(a->dim - d, 2 * MG_LANES));
            _mm512_storeu_si512(
                f->q + i * stride + d / 2,
                _mm512_maskz_loadu_epi16(i < rows ? some : 0, (const uint16_t *)a->q + (first + i) * a->dim + d));
        }
    int64_t end = attention_visible(a, query + rows - 1);
    f->fresh = 1;
    for (int64_t from = 0; from < end; from += FLASH_KEYS, f->fresh = 0) {
        int64_t to = attention_least(from + FLASH_KEYS, end);
        if (rows == 1)
            pairs_rest_block(a, f, 1, query, rows, stride, from, to);
        else if (rows == 2)
            pairs_rest_block(a, f, 2, query, rows, stride, from, to);
        else if (rows <= 4)
            pairs_rest_block(a, f, 4, query, rows, stride, from, to);
        else
            pairs_rest_block(a, f, FLASH_REST, query, rows, stride, from, to);
    }
    for (int64_t i = 0; i < rows; i++)
        if (end > 0)
            rows_give(f->o + i * stride, f->sum[i], a->dim, a->o + (first + i) * a->dim, 0);
        else
            memset(a->o + (first + i) * a->dim, 0, (size_t)a->dim * sizeof(float));
}
