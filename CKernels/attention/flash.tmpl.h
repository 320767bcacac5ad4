#pragma once
/* Flash-style attention: blocks of keys, a running maximum and sum (online softmax), never a row of T scores.

   The lanes are queries. A block of queries is transposed once into Qᵀ [dim][queries]; then both products have their
   vectors along the queries and take the other operand one number at a time, as K and V lie in memory:
       Sᵀ[key][query]  = Σ_d K[key][d] · Qᵀ[d][query]
       Oᵀ[d][query]   += Σ_key V[key][d] · Pᵀ[key][query]
   So K and V are never packed or copied, not even once a head, and all query heads of a group read the same blocks
   straight from the cache. Maximum, sum, mask and rescaling are operations between whole vectors, without a sum
   across lanes, and a lane that sees nothing of a key cannot catch that key's NaN from its neighbours.
   Oᵀ is rescaled while it is loaded for the product and divided once, at the end.

   Causal: blocks above the diagonal are not computed; on the diagonal, vectors that see nothing are left out, and only
   the one vector that a key's diagonal runs through is masked.

   The last queries of a head, where they fill at most half of a vector, are flash_rest.tmpl.h's.

   Workers take whole blocks of queries, dealt in snake order from the longest to the shortest.
   Dao et al. 2022 and Dao 2023, "FlashAttention", for the loop; queries as lanes is ours.
   Included by the file of each instruction set, inside its target region, after functions/<isa>.h. */
#include "flash_block.tmpl.h"

/* c[i][v] += Σ_k a[i·row_step + k·k_step] · b[k][v] for `rows` x `vectors`, k in 0 ..< depth. */
MG_INLINE void flash_product(mg_lanes c[FLASH_ROWS][FLASH_VECTORS], const int rows, const int vectors, const float *a,
                             int64_t row_step, int64_t k_step, const float *b, int64_t depth) {
    for (int64_t k = 0; k < depth; k++) {
        mg_lanes operand[FLASH_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            operand[v] = mg_load(b + k * FLASH_WIDTH + v * MG_LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            mg_lanes one = mg_splat(a[i * row_step + k * k_step]);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                c[i][v] = mg_fma(one, operand[v], c[i][v]);
        }
    }
}

MG_INLINE void flash_scores(const flash_block *f, const int rows, const int vectors, int64_t key, int64_t first,
                            float *p) {
    mg_lanes c[FLASH_ROWS][FLASH_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            c[i][v] = mg_splat(0);
    const float *q = f->q + first * MG_LANES;
    flash_product(c, rows, vectors, (const float *)f->k + key * f->dim, f->dim, 1, q, f->dim);
    flash_take_scores(f, c, rows, vectors, key, first, p);
}

MG_INLINE void flash_score_rows(const flash_block *f, const int rows, int64_t key, int64_t from) {
    int64_t first = flash_first(f, key);
    float *p = f->p + (key - from) * FLASH_WIDTH;
    switch (f->vectors - first) {
    case 1:
        flash_scores(f, rows, 1, key, first, p);
        break;
    case 2:
        flash_scores(f, rows, 2, key, first, p);
        break;
    case 3: /* where a block is as wide */
        flash_scores(f, rows, FLASH_VECTORS, key, first, p);
        break;
    }
}

static void flash_all_scores(const flash_block *f, int64_t from, int64_t to) {
    int64_t key = from;
    for (; key + FLASH_ROWS <= to; key += FLASH_ROWS)
        flash_score_rows(f, FLASH_ROWS, key, from);
    for (; FLASH_ROWS > 4 && key + 4 <= to; key += 4)
        flash_score_rows(f, 4, key, from);
    for (; key < to; key++)
        flash_score_rows(f, 1, key, from);
}

/* Scores to exponentials, vector by vector for the keys that it sees something of; sums and `rescale` follow. */
static void flash_exponentials(const flash_block *f, int64_t from, int64_t to, const float *old) {
    for (int64_t v = 0; v < f->vectors; v++) {
        int64_t count = attention_least(to, f->diagonal + (v + 1) * MG_LANES) - from;
        mg_lanes max = mg_load(f->max + v * MG_LANES);
        mg_lanes rescale = mg_exp2(mg_sub(mg_load(old + v * MG_LANES), max));
        mg_store(f->rescale + v * MG_LANES, rescale);
        mg_lanes sum = mg_splat(0);
        float *p = f->p + v * MG_LANES;
        for (int64_t key = 0; key < count; key++) {
            mg_lanes e = mg_exp2(mg_sub(mg_load(p + key * FLASH_WIDTH), max));
            sum = mg_add(sum, e);
            mg_store(p + key * FLASH_WIDTH, e);
        }
        mg_store(f->sum + v * MG_LANES, mg_fma(mg_load(f->sum + v * MG_LANES), rescale, sum));
    }
}

/* Oᵀ = rescale ∘ Oᵀ + V · P for `rows` dimensions from `d` on, vectors from `first` on, `count` keys of the block
   from `key` on. Every lane sees the first `whole` of them; the diagonal of the others runs through the first vector.
   Vectors beyond 0 come after it, and find Oᵀ rescaled. */
MG_INLINE void flash_outputs(const flash_block *f, const int rows, const int vectors, int64_t d, int64_t first,
                             int64_t key, int64_t whole, int64_t count, const float *p) {
    mg_lanes c[FLASH_ROWS][FLASH_VECTORS];
    float *o = f->o + d * FLASH_WIDTH + first * MG_LANES;
    flash_take_outputs(f, c, rows, vectors, first, o);
    const float *values = (const float *)f->v + key * f->dim + d;
    p += first * MG_LANES;
    flash_product(c, rows, vectors, values, 1, f->dim, p, whole);
    for (int64_t k = whole; k < count; k++) {
        mg_mask seeing = mg_lanes_from(key + k - f->diagonal - first * MG_LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            mg_lanes one = mg_splat(values[k * f->dim + i]);
            c[i][0] = mg_fma_where(seeing, one, mg_load(p + k * FLASH_WIDTH), c[i][0]);
#pragma clang loop unroll(full)
            for (int v = 1; v < vectors; v++)
                c[i][v] = mg_fma(one, mg_load(p + k * FLASH_WIDTH + v * MG_LANES), c[i][v]);
        }
    }
    flash_keep_outputs(c, rows, vectors, o);
}

MG_INLINE void flash_output_rows(const flash_block *f, const int vectors, int64_t first, int64_t key, int64_t whole,
                                 int64_t count, const float *p) {
    int64_t d = 0;
    for (; d + FLASH_ROWS <= f->dim; d += FLASH_ROWS)
        flash_outputs(f, FLASH_ROWS, vectors, d, first, key, whole, count, p);
    for (; FLASH_ROWS > 4 && d + 4 <= f->dim; d += 4)
        flash_outputs(f, 4, vectors, d, first, key, whole, count, p);
    for (; d < f->dim; d++)
        flash_outputs(f, 1, vectors, d, first, key, whole, count, p);
}

static void flash_all_outputs(const flash_block *f, int64_t from, int64_t to) {
    /* Vector 0: the keys that every lane sees, and those whose diagonal runs through it. The vectors before `first`
       see nothing of the keys whose diagonal runs through that. */
    for (int64_t first = 0; first < f->vectors; first++) {
        int64_t start = first == 0 ? from : attention_most(from, f->diagonal + first * MG_LANES);
        int64_t end = attention_most(start, attention_least(to, f->diagonal + (first + 1) * MG_LANES));
        int64_t whole = first == 0 ? attention_most(0, attention_least(to, f->diagonal + 1) - from) : 0;
        if (start == end && first > 0)
            continue;
        const float *p = f->p + (start - from) * FLASH_WIDTH;
        switch (f->vectors - first) {
        case 1:
            flash_output_rows(f, 1, first, start, whole, end - start, p);
            break;
        case 2:
            flash_output_rows(f, 2, first, start, whole, end - start, p);
            break;
        case 3: /* where a block is as wide */
            flash_output_rows(f, FLASH_VECTORS, first, start, whole, end - start, p);
            break;
        }
    }
}

/* Qᵀ = scale·log2(e)·Q, so that the exponentials are powers of two, for `count` queries at `q`; lanes beyond them hold
   the last query once more and come to nothing. */
static void flash_take_queries(const flash_block *f, const float *q, int64_t count, float scale) {
    mg_lanes by = mg_splat(scale * FLASH_LOG2E);
    for (int64_t query = 0; query < count; query += MG_LANES)
        for (int64_t d = 0; d < f->dim; d += MG_LANES) {
            const int64_t wide = attention_least(f->dim - d, MG_LANES), last = count - query - 1;
            const float *from = q + query * f->dim + d;
            mg_lanes r[MG_LANES];
            if (wide == MG_LANES)
#pragma clang loop unroll(full)
                for (int i = 0; i < MG_LANES; i++)
                    r[i] = mg_mul(by, mg_load(from + attention_least(i, last) * f->dim));
            else
#pragma clang loop unroll(full)
                for (int i = 0; i < MG_LANES; i++)
                    r[i] = mg_mul(by, mg_load_first(from + attention_least(i, last) * f->dim, wide, 0));
            mg_transpose(r);
            flash_put(f->q + d * FLASH_WIDTH + query, FLASH_WIDTH, r, wide);
        }
}

/* The queries `query` ..< `query + count` of a head. */
static void flash_queries(const mg_attention *a, flash_block *f, int64_t head, int64_t query, int64_t count) {
    flash_begin(a, f, query, count);
    flash_take_queries(f, (const float *)a->q + (head * a->queries + query) * a->dim, count, a->scale);
    flash_walk(a, f, head, query, count, flash_all_scores, flash_exponentials, flash_all_outputs);
}

#include "flash_rest.tmpl.h"

static size_t flash_workspace(const void *arguments, int32_t workers) {
    return (size_t)flash_scratch(arguments) * sizeof(float) * (size_t)workers;
}

static void flash(const void *arguments, const mg_work *work) {
    const mg_attention *a = arguments;
    flash_block f = flash_block_at(a, (float *)a->buffers.workspace + flash_scratch(a) * work->index);
    int64_t item = 0, head, from, to;
    while (flash_next(a, work, &item, &head, &from, &to)) {
        int64_t group = head / (a->heads / a->kv_heads);
        f.k = (const float *)a->k + group * a->keys * a->dim;
        f.v = (const float *)a->v + group * a->keys * a->dim;
        if (to - from > FLASH_REST) {
            flash_queries(a, &f, head, from, to - from);
            continue;
        }
        flash_block rest = f; /* its own, for the address of f would keep its parts out of registers */
        flash_begin(a, &rest, from, to - from);
        flash_rest(a, &rest, head, from, to - from);
    }
}
