#pragma once
/* The tiles of flash__avx512bf16: scores, exponentials and outputs in pairs of bf16. Of the block, q holds pairs of d,
   [(dim + 1)/2][FLASH_WIDTH]; p scores, then pairs of keys in their place; k is [keys][dim] as it lies; v is
   [(keys + 1)/2][dim] of V[key][d] and above it V[key + 1][d]. Included by
   flash__avx512bf16.c inside its target region, after functions/avx512.h. */
#include "flash_rest.tmpl.h"

MG_INLINE __m512 pairs_add(__m512 sum, __m512 a, __m512 b) { return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b); }
MG_INLINE __m512 pairs_splat(const void *pair) {
    float both;
    memcpy(&both, pair, sizeof both);
    return _mm512_set1_ps(both);
}

/* 2^t for t <= 127, -inf and NaN, within a factor of 1 ± 2^-13.5, and 2^0 = 1. */
MG_INLINE __m512 pairs_exp2(__m512 t) {
    __m512 r = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(0x1.3baaa8p-4f), r, _mm512_set1_ps(0x1.d2378ap-3f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0x1.63e658p-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
    return _mm512_scalef_ps(p, t);
}

MG_INLINE void pairs_scores(const flash_block *f, const int rows, const int vectors, int64_t key, int64_t first,
                            float *p) {
    const int64_t dim = f->dim;
    const uint16_t *k = (const uint16_t *)f->k + key * dim;
    const float *q = f->q + first * MG_LANES;
    __m512 c[FLASH_ROWS][FLASH_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            c[i][v] = _mm512_setzero_ps();
    int64_t d = 0;
    for (; d + 2 <= dim; d += 2, q += FLASH_WIDTH)
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512 pair = pairs_splat(k + i * dim + d);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                c[i][v] = pairs_add(c[i][v], pair, mg_load(q + v * MG_LANES));
        }
    if (d < dim)
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512 last = _mm512_castsi512_ps(_mm512_set1_epi32(k[i * dim + d]));
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                c[i][v] = pairs_add(c[i][v], last, mg_load(q + v * MG_LANES));
        }
    flash_take_scores(f, c, rows, vectors, key, first, p);
}

MG_INLINE void pairs_score_rows(const flash_block *f, const int rows, int64_t key, int64_t from) {
    int64_t first = flash_first(f, key);
    float *p = f->p + (key - from) * FLASH_WIDTH;
    switch (f->vectors - first) {
    case 1:
        pairs_scores(f, rows, 1, key, first, p);
        break;
    case 2:
        pairs_scores(f, rows, 2, key, first, p);
        break;
    case 3:
        pairs_scores(f, rows, 3, key, first, p);
        break;
    }
}

static void pairs_all_scores(const flash_block *f, int64_t from, int64_t to) {
    int64_t key = from;
    for (; key + FLASH_ROWS <= to; key += FLASH_ROWS)
        pairs_score_rows(f, FLASH_ROWS, key, from);
    for (; key + 4 <= to; key += 4)
        pairs_score_rows(f, 4, key, from);
    for (; key < to; key++)
        pairs_score_rows(f, 1, key, from);
}

/* Two vectors of weights, of a key and the next, as pairs. */
MG_INLINE __m512i pairs_of(__m512 even, __m512 odd) {
    const __m512i order = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                                           21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    return _mm512_permutexvar_epi16(order, (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

/* Scores to pairs of exponentials: scores of the keys 2·i and 2·i + 1 lie beyond those that pair i overwrites. The
   maximum is subtracted before the scale: a rounded product of both, where scores are large, would leave differences
   above 0, and the largest weight not 1. */
static void pairs_exponentials(const flash_block *f, int64_t from, int64_t to, const float *old) {
    const __m512 scale = mg_splat(f->scale);
    for (int64_t v = 0; v < f->vectors; v++) {
        int64_t count = attention_least(to, f->diagonal + (v + 1) * MG_LANES) - from;
        __m512 max = mg_load(f->max + v * MG_LANES);
        __m512 rescale = mg_exp2(mg_mul(mg_sub(mg_load(old + v * MG_LANES), max), scale));
        mg_store(f->rescale + v * MG_LANES, rescale);
        __m512 sum = mg_splat(0);
        float *p = f->p + v * MG_LANES;
        int64_t key = 0;
        for (; key + 2 <= count; key += 2) {
            __m512 even = pairs_exp2(mg_mul(mg_sub(mg_load(p + key * FLASH_WIDTH), max), scale));
            __m512 odd = pairs_exp2(mg_mul(mg_sub(mg_load(p + (key + 1) * FLASH_WIDTH), max), scale));
            sum = mg_add(sum, mg_add(even, odd));
            _mm512_storeu_si512(p + key / 2 * FLASH_WIDTH, pairs_of(even, odd));
        }
        if (key < count) {
            __m512 even = pairs_exp2(mg_mul(mg_sub(mg_load(p + key * FLASH_WIDTH), max), scale));
            sum = mg_add(sum, even);
            _mm512_storeu_si512(p + key / 2 * FLASH_WIDTH, pairs_of(even, mg_splat(0)));
        }
        mg_store(f->sum + v * MG_LANES, mg_fma(mg_load(f->sum + v * MG_LANES), rescale, sum));
    }
}

/* The halves of a pair at `key` that lanes from `from` on see: lane i sees key + j when i >= from + j. */
MG_INLINE __mmask32 pairs_seen(int64_t from) {
    if (from < 0)
        return 0xffffffffu;
    return from > 15 ? 0 : (__mmask32)((0xffffffffu << 2 * from) & ~(2u << 2 * from));
}

/* Oᵀ = rescale ∘ Oᵀ + V · P for `rows` dimensions from `d` on, vectors from `first` on, `count` pairs of the block from
   the key `key` on. Every lane sees the first `whole` of them; the diagonal of the others runs through the first
   vector. Vectors beyond 0 come after it, and find Oᵀ rescaled. */
MG_INLINE void pairs_outputs(const flash_block *f, const int rows, const int vectors, int64_t d, int64_t first,
                             int64_t key, int64_t whole, int64_t count, const float *p) {
    __m512 c[FLASH_ROWS][FLASH_VECTORS];
    float *o = f->o + d * FLASH_WIDTH + first * MG_LANES;
    flash_take_outputs(f, c, rows, vectors, first, o);
    const uint32_t *values = (const uint32_t *)f->v + key / 2 * f->dim + d;
    p += first * MG_LANES;
    int64_t pair = 0;
    for (; pair < whole; pair++, values += f->dim, p += FLASH_WIDTH)
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512 one = pairs_splat(values + i);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                c[i][v] = pairs_add(c[i][v], one, mg_load(p + v * MG_LANES));
        }
    for (; pair < count; pair++, values += f->dim, p += FLASH_WIDTH) {
        __mmask32 seen = pairs_seen(key + 2 * pair - f->diagonal - first * MG_LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512 one = pairs_splat(values + i);
            /* A weight of 0 would not keep a NaN out. */
            __m512 own = _mm512_castsi512_ps(_mm512_maskz_mov_epi16(seen, _mm512_castps_si512(one)));
            c[i][0] = pairs_add(c[i][0], own, mg_load(p));
#pragma clang loop unroll(full)
            for (int v = 1; v < vectors; v++)
                c[i][v] = pairs_add(c[i][v], one, mg_load(p + v * MG_LANES));
        }
    }
    flash_keep_outputs(c, rows, vectors, o);
}

MG_INLINE void pairs_output_rows(const flash_block *f, const int vectors, int64_t first, int64_t key, int64_t whole,
                                 int64_t count, const float *p) {
    int64_t d = 0;
    for (; d + FLASH_ROWS <= f->dim; d += FLASH_ROWS)
        pairs_outputs(f, FLASH_ROWS, vectors, d, first, key, whole, count, p);
    for (; d + 4 <= f->dim; d += 4)
        pairs_outputs(f, 4, vectors, d, first, key, whole, count, p);
    for (; d < f->dim; d++)
        pairs_outputs(f, 1, vectors, d, first, key, whole, count, p);
}

static void pairs_all_outputs(const flash_block *f, int64_t from, int64_t to) {
    int64_t pairs = (to - from + 1) / 2, done = 0;
    /* Vector 0: the pairs whose both keys every lane sees, and those whose diagonal runs through it: their even key is
       the first that it does not wholly see, or the key before is. `from` is even. The vectors before `first` see
       nothing of the pairs that are left for it. */
    for (int64_t first = 0; first < f->vectors; first++) {
        int64_t end = attention_least(pairs, (f->diagonal + (first + 1) * MG_LANES - from + 1) / 2);
        int64_t whole = first == 0 ? attention_most(0, attention_least(pairs, (f->diagonal + 1 - from) / 2)) : 0;
        end = attention_most(done + whole, end);
        if (done == end && first > 0)
            continue;
        const float *p = f->p + done * FLASH_WIDTH;
        switch (f->vectors - first) {
        case 1:
            pairs_output_rows(f, 1, first, from + 2 * done, whole, end - done, p);
            break;
        case 2:
            pairs_output_rows(f, 2, first, from + 2 * done, whole, end - done, p);
            break;
        case 3:
            pairs_output_rows(f, 3, first, from + 2 * done, whole, end - done, p);
            break;
        }
        done = end;
    }
}
