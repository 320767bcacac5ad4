#pragma once
/* The last queries of a head where they fill at most half of a vector: a block of their own, for lanes that stay empty
   cost as much as full ones. Here the lanes are keys, and then dim:
       S[query][key]  = Σ_d Q[query][d] · Kᵀ[d][key]      K is transposed in registers, a square of lanes at a time
       O[query][d]   += Σ_key P[query][key] · V[key][d]   V as it lies
   So a query costs a lane's share and the squares an eighth of a vector of queries. Each sum has the order that it has
   in flash.tmpl.h, a key's weight after that of the key before, so that the bits do not tell where a query was
   computed. Included inside a target region by flash.tmpl.h and flash_pairs.tmpl.h. */
#include "flash_block.tmpl.h"
#include "rows.tmpl.h"

/* The rows' maxima raised to the scores of `to` - `from` keys in f.p, [rows][FLASH_KEYS]; what their outputs are
   rescaled with. */
MG_INLINE void rest_maxima(const mg_attention *a, const flash_block *f, int64_t query, int64_t rows, int64_t from,
                           int64_t to, int64_t *seen, float scale) {
    mg_lanes old = mg_load(f->max);
    for (int64_t i = 0; i < rows; i++) {
        seen[i] = attention_most(0, attention_least(attention_visible(a, query + i), to) - from);
        float highest = rows_max(f->p + i * FLASH_KEYS, seen[i]);
        f->max[i] = highest > f->max[i] ? highest : f->max[i];
    }
    mg_store(f->rescale, mg_exp2(mg_mul(mg_sub(old, mg_load(f->max)), mg_splat(scale))));
}

/* The squares of K: p[i][key - from] = q[i] · k[key]. */
MG_INLINE void rest_scores(const flash_block *f, const int rows, int64_t stride, int64_t from, int64_t to) {
    for (int64_t key = from; key < to; key += MG_LANES) {
        int64_t count = attention_least(to - key, MG_LANES);
        mg_lanes c[FLASH_REST];
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            c[i] = mg_splat(0);
        for (int64_t d = 0; d < f->dim; d += MG_LANES) {
            int64_t wide = attention_least(f->dim - d, MG_LANES);
            const float *k = (const float *)f->k + key * f->dim + d, *q = f->q + d;
            mg_lanes r[MG_LANES];
            if (wide == MG_LANES && count == MG_LANES)
#pragma clang loop unroll(full)
                for (int i = 0; i < MG_LANES; i++)
                    r[i] = mg_load(k + i * f->dim);
            else
                for (int64_t i = 0; i < MG_LANES; i++)
                    r[i] = i >= count         ? mg_splat(0)
                           : wide == MG_LANES ? mg_load(k + i * f->dim)
                                              : mg_load_first(k + i * f->dim, wide, 0);
            mg_transpose(r);
#pragma clang loop unroll(full)
            for (int e = 0; e < MG_LANES; e++)
#pragma clang loop unroll(full)
                for (int i = 0; i < rows; i++)
                    c[i] = mg_fma(mg_splat(q[i * stride + e]), r[e], c[i]);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            mg_store(f->p + i * FLASH_KEYS + key - from, c[i]);
    }
}

/* Sums of the weights, key after key. */
MG_INLINE void rest_sums(const flash_block *f, const int rows, int64_t count) {
    float sum[MG_LANES] = {0};
    for (int64_t key = 0; key < count; key++)
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            sum[i] += f->p[i * FLASH_KEYS + key];
    mg_store(f->sum, mg_fma(mg_load(f->sum), mg_load(f->rescale), mg_load(sum)));
}

/* Oᵀ's rows, rescaled, and with the values of the keys that all rows see; then what single rows see. */
MG_INLINE void rest_outputs(const flash_block *f, int64_t rows, int64_t stride, int64_t from, const int64_t *seen) {
    int64_t all = seen[0], i = 0;
    for (; i < rows; i++) {
        all = attention_least(all, seen[i]);
        for (int64_t d = 0; d < stride; d += MG_LANES)
            mg_store(f->o + i * stride + d,
                     f->fresh ? mg_splat(0) : mg_mul(mg_splat(f->rescale[i]), mg_load(f->o + i * stride + d)));
    }
    const float *v = (const float *)f->v + from * f->dim, *p = f->p;
    float *o = f->o;
    for (i = 0; i + 4 <= rows; i += 4)
        rows_values(4, p + i * FLASH_KEYS, FLASH_KEYS, v, all, f->dim, o + i * stride, stride, 0);
    for (; i + 2 <= rows; i += 2)
        rows_values(2, p + i * FLASH_KEYS, FLASH_KEYS, v, all, f->dim, o + i * stride, stride, 0);
    for (; i < rows; i++)
        rows_values(1, p + i * FLASH_KEYS, FLASH_KEYS, v, all, f->dim, o + i * stride, stride, 0);
    for (i = 0; i < rows; i++)
        if (seen[i] > all)
            rows_values(1, p + i * FLASH_KEYS + all, FLASH_KEYS, v + all * f->dim, seen[i] - all, f->dim,
                        o + i * stride, stride, 0);
}

/* The block of keys `from` ..< `to` for `rows` queries; `width` >= rows is how many the tiles take. */
MG_INLINE void rest_block(const mg_attention *a, flash_block *f, const int width, int64_t query, int64_t rows,
                          int64_t stride, int64_t from, int64_t to) {
    int64_t seen[MG_LANES];
    rest_scores(f, width, stride, from, to);
    rest_maxima(a, f, query, rows, from, to, seen, 1);
    for (int64_t i = 0; i < width; i++) {
        int64_t some = i < rows ? seen[i] : 0;
        rows_exponentials(f->p + i * FLASH_KEYS, some, f->max[i]);
        for (int64_t key = some; key < to - from; key++)
            f->p[i * FLASH_KEYS + key] = 0;
    }
    rest_sums(f, width, to - from);
    rest_outputs(f, rows, stride, from, seen);
}

/* `rows` <= FLASH_REST queries from `query` on. */
static inline __attribute__((noinline)) void flash_rest(const mg_attention *a, flash_block *f, int64_t head,
                                                        int64_t query, int64_t rows) {
    const int64_t stride = rows_padded(a->dim, MG_LANES), first = head * a->queries + query;
    for (int64_t i = 0; i < FLASH_REST; i++) {
        if (i < rows)
            rows_scale((const float *)a->q + (first + i) * a->dim, a->dim, a->scale, f->q + i * stride, 0);
        else
            memset(f->q + i * stride, 0, (size_t)stride * sizeof(float));
    }
    int64_t end = attention_visible(a, query + rows - 1);
    f->fresh = 1;
    for (int64_t from = 0; from < end; from += FLASH_KEYS, f->fresh = 0) {
        int64_t to = attention_least(from + FLASH_KEYS, end);
        if (rows == 1)
            rest_block(a, f, 1, query, rows, stride, from, to);
        else if (rows == 2)
            rest_block(a, f, 2, query, rows, stride, from, to);
        else if (rows <= 4)
            rest_block(a, f, FLASH_REST < 4 ? FLASH_REST : 4, query, rows, stride, from, to);
        else
            rest_block(a, f, FLASH_REST, query, rows, stride, from, to);
    }
    for (int64_t i = 0; i < rows; i++)
        if (end > 0)
            rows_give(f->o + i * stride, f->sum[i], a->dim, a->o + (first + i) * a->dim, 0);
        else
            memset(a->o + (first + i) * a->dim, 0, (size_t)a->dim * sizeof(float));
}
