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
#include "functions/avx512.h"

MG_TARGET_AVX512_BF16
#include "flash_pairs_rest.tmpl.h"

/* Qᵀ in pairs of d, for `count` queries at `q`; lanes beyond them hold the last one once more and come to nothing. */
static void pairs_take_queries(const flash_block *f, const uint16_t *q, int64_t count) {
    int64_t pairs = (f->dim + 1) / 2;
    for (int64_t query = 0; query < count; query += MG_LANES)
        for (int64_t pair = 0; pair < pairs; pair += MG_LANES) {
            const int64_t wide = attention_least(f->dim - 2 * pair, 2 * MG_LANES), last = count - query - 1;
            const uint16_t *from = q + query * f->dim + 2 * pair;
            __m512 r[MG_LANES];
#pragma clang loop unroll(full)
            for (int i = 0; i < MG_LANES; i++)
                r[i] = _mm512_castsi512_ps(
                    _mm512_maskz_loadu_epi16(0xffffffffu >> (32 - wide), from + attention_least(i, last) * f->dim));
            mg_transpose(r);
            flash_put(f->q + pair * FLASH_WIDTH + query, FLASH_WIDTH, r, pairs - pair);
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
    flash_block f = flash_block_at(a, scratch);
    f.v = values;
    f.scale = a->scale * FLASH_LOG2E;
    int64_t item = 0, head, from, to, packed = -1;
    while (flash_next(a, work, &item, &head, &from, &to)) {
        int64_t group = head / (a->heads / a->kv_heads);
        if (group != packed)
            pairs_take_values((const uint16_t *)a->v + group * a->keys * a->dim, a->keys, a->dim, values);
        packed = group;
        f.k = (const uint16_t *)a->k + group * a->keys * a->dim;
        flash_begin(a, &f, from, to - from);
        if (to - from <= FLASH_REST) {
            pairs_rest(a, &f, head, from, to - from);
            continue;
        }
        pairs_take_queries(&f, (const uint16_t *)a->q + (head * a->queries + from) * a->dim, to - from);
        flash_walk(a, &f, head, from, to - from, pairs_all_scores, pairs_exponentials, pairs_all_outputs);
    }
}

static const char *pairs_refuses(const void *arguments) {
    const mg_attention *a = arguments;
    return a->dtype != MG_BF16 ? "it computes bf16 only" : a->scale > 0 ? NULL : "it needs a positive scale";
}
MG_UNTARGET

const mg_kernel mg_attention_flash__avx512bf16 = {
    .refuses = pairs_refuses,
    .workspace_bytes = pairs_workspace,
    .run = pairs,
};
#endif
