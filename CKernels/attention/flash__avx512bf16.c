/* flash__avx512 for bf16: the lanes are queries as before, but each holds a pair of neighbours of what is summed over.
   vdpbf16ps then does both products, with f32 sums, at twice the rate of the f32 multiply-add:
       Sᵀ[key][query] = Σ over pairs of d     (K[key][d], K[key][d+1]) · Qᵀ[d/2][query]
       Oᵀ[d][query]  += Σ over pairs of keys  (V[key][d], V[key+1][d]) · Pᵀ[key/2][query]
   A pair of K is 32 bits of K as it lies, broadcast like an f32: K is still not packed. V has its pairs across rows,
   so it is interleaved, once for each kv head. Beside products of this rate the exponential weighs double, so it is of
   3rd degree; the scale, which Q in bf16 could not take without rounding, is applied to the scores. The weights are
   rounded to bf16, their sum is not: 2^-9 of the largest value at most.
   Needs AVX-512 BF16. Loses below 16 queries, where lanes stay empty: decode__avx512 is for those.
   Refuses f32, and a scale that is not positive, because the maximum is taken before it. */
#if defined(__x86_64__)
#include "lanes_avx512.h"

MG_TARGET_AVX512_BF16
#include "flash_block.h"

/* A block of queries: f.q holds pairs of d, [(dim + 1)/2][FLASH_WIDTH]; f.p scores, then pairs of keys in their place.
 */
typedef struct pairs_block {
    flash_block f;
    const uint16_t *k; /* [keys][dim] of the kv head */
    const uint32_t *v; /* [(keys + 1)/2][dim]: V[key][d] and above it V[key + 1][d] */
    float scale;       /* times log2(e) */
} pairs_block;

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

MG_INLINE void pairs_scores(const pairs_block *b, const int rows, const int vectors, int64_t key, int64_t first,
                            float *p) {
    const int64_t dim = b->f.dim;
    const uint16_t *k = b->k + key * dim;
    const float *q = b->f.q + first * MG_LANES;
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
    flash_take_scores(&b->f, c, rows, vectors, key, first, p);
}

MG_INLINE void pairs_score_rows(const pairs_block *b, const int rows, int64_t key, int64_t from) {
    int64_t first = flash_first(&b->f, key);
    float *p = b->f.p + (key - from) * FLASH_WIDTH;
    switch (b->f.vectors - first) {
    case 1:
        pairs_scores(b, rows, 1, key, first, p);
        break;
    case 2:
        pairs_scores(b, rows, 2, key, first, p);
        break;
    case 3:
        pairs_scores(b, rows, 3, key, first, p);
        break;
    }
}

static void pairs_all_scores(const pairs_block *b, int64_t from, int64_t to) {
    int64_t key = from;
    for (; key + FLASH_ROWS <= to; key += FLASH_ROWS)
        pairs_score_rows(b, FLASH_ROWS, key, from);
    for (; key + 4 <= to; key += 4)
        pairs_score_rows(b, 4, key, from);
    for (; key < to; key++)
        pairs_score_rows(b, 1, key, from);
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
static void pairs_exponentials(const pairs_block *b, int64_t from, int64_t to, const float *old) {
    const flash_block *f = &b->f;
    const __m512 scale = mg_splat(b->scale);
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
MG_INLINE void pairs_outputs(const pairs_block *b, const int rows, const int vectors, int64_t d, int64_t first,
                             int64_t key, int64_t whole, int64_t count, const float *p) {
    const flash_block *f = &b->f;
    __m512 c[FLASH_ROWS][FLASH_VECTORS];
    float *o = f->o + d * FLASH_WIDTH + first * MG_LANES;
    flash_take_outputs(f, c, rows, vectors, first, o);
    const uint32_t *values = b->v + key / 2 * f->dim + d;
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

MG_INLINE void pairs_output_rows(const pairs_block *b, const int vectors, int64_t first, int64_t key, int64_t whole,
                                 int64_t count, const float *p) {
    int64_t d = 0;
    for (; d + FLASH_ROWS <= b->f.dim; d += FLASH_ROWS)
        pairs_outputs(b, FLASH_ROWS, vectors, d, first, key, whole, count, p);
    for (; d + 4 <= b->f.dim; d += 4)
        pairs_outputs(b, 4, vectors, d, first, key, whole, count, p);
    for (; d < b->f.dim; d++)
        pairs_outputs(b, 1, vectors, d, first, key, whole, count, p);
}

static void pairs_all_outputs(const pairs_block *b, int64_t from, int64_t to) {
    const flash_block *f = &b->f;
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
            pairs_output_rows(b, 1, first, from + 2 * done, whole, end - done, p);
            break;
        case 2:
            pairs_output_rows(b, 2, first, from + 2 * done, whole, end - done, p);
            break;
        case 3:
            pairs_output_rows(b, 3, first, from + 2 * done, whole, end - done, p);
            break;
        }
        done = end;
    }
}

/* Qᵀ in pairs of d, for `count` queries at `q`; lanes beyond them are 0 and come to nothing. */
static void pairs_take_queries(const flash_block *f, const uint16_t *q, int64_t count) {
    int64_t pairs = (f->dim + 1) / 2;
    for (int64_t query = 0; query < f->vectors * MG_LANES; query += MG_LANES)
        for (int64_t pair = 0; pair < pairs; pair += MG_LANES) {
            int64_t wide = attention_least(f->dim - 2 * pair, 2 * MG_LANES);
            __m512 r[MG_LANES];
            for (int64_t i = 0; i < MG_LANES; i++)
                r[i] = query + i < count ? _mm512_castsi512_ps(_mm512_maskz_loadu_epi16(
                                               0xffffffffu >> (32 - wide), q + (query + i) * f->dim + 2 * pair))
                                         : mg_splat(0);
            mg_transpose(r);
            for (int64_t i = 0; i < attention_least(pairs - pair, MG_LANES); i++)
                mg_store(f->q + (pair + i) * FLASH_WIDTH + query, r[i]);
        }
}

/* V [keys][dim] with each two rows interleaved; beyond an odd last row is 0. */
static void pairs_take_values(const uint16_t *v, int64_t keys, int64_t dim, uint32_t *out) {
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37,
                                         5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
    for (int64_t key = 0; key < keys; key += 2, out += dim)
        for (int64_t d = 0; d < dim; d += 32) {
            int64_t wide = attention_least(dim - d, 32);
            __mmask32 some = 0xffffffffu >> (32 - wide);
            __m512i even = _mm512_maskz_loadu_epi16(some, v + key * dim + d);
            __m512i odd = _mm512_maskz_loadu_epi16(key + 1 < keys ? some : 0, v + (key + 1) * dim + d);
            _mm512_mask_storeu_epi32(out + d, (__mmask16)some, _mm512_permutex2var_epi16(even, low, odd));
            if (wide > 16)
                _mm512_mask_storeu_epi32(out + d + 16, (__mmask16)(some >> 16),
                                         _mm512_permutex2var_epi16(even, high, odd));
        }
}

/* The queries `query` ..< `query + count` of a head. */
static void pairs_queries(const mg_attention *a, pairs_block *b, int64_t head, int64_t query, int64_t count) {
    flash_block *f = &b->f;
    flash_begin(a, f, query, count);
    pairs_take_queries(f, (const uint16_t *)a->q + (head * a->queries + query) * a->dim, count);
    int64_t end = attention_visible(a, query + count - 1);
    for (int64_t from = 0; from < end; from += FLASH_KEYS) {
        int64_t to = attention_least(from + FLASH_KEYS, end);
        float old[FLASH_WIDTH];
        memcpy(old, f->max, sizeof old);
        f->fresh = from == 0;
        pairs_all_scores(b, from, to);
        pairs_exponentials(b, from, to, old);
        pairs_all_outputs(b, from, to);
    }
    flash_give_outputs(f, a->o + (head * a->queries + query) * a->dim, count);
}

/* Floats of a worker: a block's scratch and the pairs of V. */
static int64_t pairs_scratch(const mg_attention *a) {
    return flash_scratch(a) + ((a->keys + 1) / 2 * a->dim + 15) / 16 * 16;
}

static size_t pairs_workspace(const void *arguments, int32_t workers) {
    return (size_t)pairs_scratch(arguments) * sizeof(float) * (size_t)workers;
}

static void pairs(const void *arguments, const mg_work *work) {
    const mg_attention *a = arguments;
    float *scratch = (float *)a->buffers.workspace + pairs_scratch(a) * work->index;
    uint32_t *values = (uint32_t *)(scratch + flash_scratch(a));
    pairs_block b = {.f = flash_block_at(a, scratch), .v = values, .scale = a->scale * FLASH_LOG2E};
    int64_t item = 0, head, from, to, packed = -1;
    while (flash_next(a, work, &item, &head, &from, &to)) {
        int64_t group = head / (a->heads / a->kv_heads);
        if (group != packed)
            pairs_take_values((const uint16_t *)a->v + group * a->keys * a->dim, a->keys, a->dim, values);
        packed = group;
        b.k = (const uint16_t *)a->k + group * a->keys * a->dim;
        pairs_queries(a, &b, head, from, to - from);
    }
}

static const char *pairs_refuses(const void *arguments) {
    const mg_attention *a = arguments;
    return a->dtype != MG_BF16 ? "it computes bf16 only" : a->scale > 0 ? NULL : "it needs a positive scale";
}
MG_UNTARGET

const mg_variant mg_attention_flash__avx512bf16 = {
    .name = "flash__avx512bf16",
    .kind = MG_FUSED,
    .needs = MG_AVX512 | MG_AVX512_BF16,
    .story = "flash__avx512 on pairs of bf16: K as it lies, V interleaved once a head, weights rounded to bf16",
    .refuses = pairs_refuses,
    .workspace_bytes = pairs_workspace,
    .run = pairs,
};
#endif
