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

   Workers take whole blocks of queries, dealt in snake order from the longest to the shortest.
   Dao et al. 2022 and Dao 2023, "FlashAttention", for the loop; queries as lanes is ours.
   Included by the file of each instruction set, inside its target region. */
#include "visible.h"

#define FLASH_LOG2E 0x1.715476p0f

enum {
    FLASH_ROWS = MG_TILE_ROWS,
    FLASH_VECTORS = 3,
    FLASH_WIDTH = FLASH_VECTORS * MG_LANES, /* queries of a block, and the row stride of its matrices */
    FLASH_KEYS = MG_TILE_KEYS               /* keys of a block */
};

/* A block of queries of one head, and its scratch. */
typedef struct flash_block {
    const float *k, *v; /* [keys][dim] of the kv head */
    int64_t dim;
    int64_t vectors;  /* vectors of queries, 1 ... FLASH_VECTORS */
    int64_t diagonal; /* lane i sees key j when i >= j − diagonal */
    float *q;         /* [dim][FLASH_WIDTH] */
    float *p;         /* [FLASH_KEYS][FLASH_WIDTH] */
    float *o;         /* [dim][FLASH_WIDTH] */
    float *max;       /* [FLASH_WIDTH], at least -FLT_MAX: exp of -inf minus that is 0, not NaN */
    float *sum;       /* [FLASH_WIDTH] */
    float *rescale;   /* [FLASH_WIDTH]: what Oᵀ has to be multiplied with */
} flash_block;

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

/* Scores of `rows` keys from `key` on, stored at `p`, and the lanes' maximum raised to them. */
MG_INLINE void flash_scores(const flash_block *f, const int rows, const int vectors, int64_t key, int64_t first,
                            float *p) {
    mg_lanes c[FLASH_ROWS][FLASH_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            c[i][v] = mg_splat(0);
    const float *q = f->q + first * MG_LANES;
    flash_product(c, rows, vectors, f->k + key * f->dim, f->dim, 1, q, f->dim);
    if (key + rows - 1 > f->diagonal + first * MG_LANES) {
        mg_lanes unseen = mg_splat(-__builtin_inff());
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                c[i][v] = mg_choose(mg_lanes_from(key + i - f->diagonal - (first + v) * MG_LANES), c[i][v], unseen);
    }
    p += first * MG_LANES;
    float *max = f->max + first * MG_LANES;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        mg_lanes highest = mg_load(max + v * MG_LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            /* The second operand is kept where a score is NaN; the sum of the exponentials will not miss it. */
            highest = mg_max(c[i][v], highest);
            mg_store(p + i * FLASH_WIDTH + v * MG_LANES, c[i][v]);
        }
        mg_store(max + v * MG_LANES, highest);
    }
}

/* The first vector with a lane that sees `key`. */
MG_INLINE int64_t flash_first(const flash_block *f, int64_t key) {
    return key <= f->diagonal ? 0 : (key - f->diagonal) / MG_LANES;
}

static void flash_all_scores(const flash_block *f, int64_t from, int64_t to) {
    int64_t key = from;
    for (; key + FLASH_ROWS <= to; key += FLASH_ROWS) {
        int64_t first = flash_first(f, key);
        float *p = f->p + (key - from) * FLASH_WIDTH;
        switch (f->vectors - first) {
        case 1:
            flash_scores(f, FLASH_ROWS, 1, key, first, p);
            break;
        case 2:
            flash_scores(f, FLASH_ROWS, 2, key, first, p);
            break;
        case 3:
            flash_scores(f, FLASH_ROWS, 3, key, first, p);
            break;
        }
    }
    for (; key < to; key++) {
        int64_t first = flash_first(f, key);
        float *p = f->p + (key - from) * FLASH_WIDTH;
        switch (f->vectors - first) {
        case 1:
            flash_scores(f, 1, 1, key, first, p);
            break;
        case 2:
            flash_scores(f, 1, 2, key, first, p);
            break;
        case 3:
            flash_scores(f, 1, 3, key, first, p);
            break;
        }
    }
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
   from `key` on. Without `scaled` Oᵀ is taken as it is; with `masked` the diagonal runs through the first vector. */
MG_INLINE void flash_outputs(const flash_block *f, const int rows, const int vectors, int64_t d, int64_t first,
                             int64_t key, int64_t count, const float *p, const int scaled, const int masked) {
    mg_lanes c[FLASH_ROWS][FLASH_VECTORS];
    float *o = f->o + d * FLASH_WIDTH + first * MG_LANES;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        mg_lanes by = mg_load(f->rescale + (first + v) * MG_LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            mg_lanes old = mg_load(o + i * FLASH_WIDTH + v * MG_LANES);
            c[i][v] = scaled ? mg_mul(old, by) : old;
        }
    }
    const float *values = f->v + key * f->dim + d;
    p += first * MG_LANES;
    if (!masked) {
        flash_product(c, rows, vectors, values, 1, f->dim, p, count);
    } else {
        for (int64_t k = 0; k < count; k++) {
            mg_mask seeing = mg_lanes_from(key + k - f->diagonal - first * MG_LANES);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                mg_lanes one = mg_splat(values[k * f->dim + i]);
                c[i][0] = mg_fma(mg_keep(seeing, one), mg_load(p + k * FLASH_WIDTH), c[i][0]);
#pragma clang loop unroll(full)
                for (int v = 1; v < vectors; v++)
                    c[i][v] = mg_fma(one, mg_load(p + k * FLASH_WIDTH + v * MG_LANES), c[i][v]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            mg_store(o + i * FLASH_WIDTH + v * MG_LANES, c[i][v]);
}

MG_INLINE void flash_output_rows(const flash_block *f, const int vectors, int64_t first, int64_t key, int64_t count,
                                 const float *p, const int scaled, const int masked) {
    int64_t d = 0;
    for (; d + FLASH_ROWS <= f->dim; d += FLASH_ROWS)
        flash_outputs(f, FLASH_ROWS, vectors, d, first, key, count, p, scaled, masked);
    for (; d < f->dim; d++)
        flash_outputs(f, 1, vectors, d, first, key, count, p, scaled, masked);
}

static void flash_all_outputs(const flash_block *f, int64_t from, int64_t to) {
    /* Keys that every lane sees, and the rescaling. */
    int64_t whole = attention_most(0, attention_least(to, f->diagonal + 1) - from);
    switch (f->vectors) {
    case 1:
        flash_output_rows(f, 1, 0, from, whole, f->p, 1, 0);
        break;
    case 2:
        flash_output_rows(f, 2, 0, from, whole, f->p, 1, 0);
        break;
    case 3:
        flash_output_rows(f, 3, 0, from, whole, f->p, 1, 0);
        break;
    }
    /* Keys whose diagonal runs through vector `first`; the vectors before it see nothing of them. */
    for (int64_t first = 0; first < f->vectors; first++) {
        int64_t start = attention_most(from, f->diagonal + first * MG_LANES + (first == 0));
        int64_t end = attention_least(to, f->diagonal + (first + 1) * MG_LANES);
        if (start >= end)
            continue;
        const float *p = f->p + (start - from) * FLASH_WIDTH;
        switch (f->vectors - first) {
        case 1:
            flash_output_rows(f, 1, first, start, end - start, p, 0, 1);
            break;
        case 2:
            flash_output_rows(f, 2, first, start, end - start, p, 0, 1);
            break;
        case 3:
            flash_output_rows(f, 3, first, start, end - start, p, 0, 1);
            break;
        }
    }
}

/* Qᵀ = scale·log2(e)·Q, so that the exponentials are powers of two, for `count` queries at `q`; lanes beyond them are 0
 * and come to nothing. */
static void flash_take_queries(const flash_block *f, const float *q, int64_t count, float scale) {
    mg_lanes by = mg_splat(scale * FLASH_LOG2E);
    for (int64_t query = 0; query < f->vectors * MG_LANES; query += MG_LANES)
        for (int64_t d = 0; d < f->dim; d += MG_LANES) {
            int64_t wide = attention_least(f->dim - d, MG_LANES);
            mg_lanes r[MG_LANES];
            for (int64_t i = 0; i < MG_LANES; i++) {
                const float *row = q + (query + i) * f->dim + d;
                r[i] = query + i >= count ? mg_splat(0)
                       : wide == MG_LANES ? mg_mul(by, mg_load(row))
                                          : mg_mul(by, mg_load_first(row, wide, 0));
            }
            mg_transpose(r);
            for (int64_t i = 0; i < wide; i++)
                mg_store(f->q + (d + i) * FLASH_WIDTH + query, r[i]);
        }
}

/* O = Oᵀ / sum for `count` queries; zeros for a query that saw nothing, or nothing above -inf. */
static void flash_give_outputs(const flash_block *f, float *o, int64_t count) {
    for (int64_t query = 0; query < count; query += MG_LANES) {
        mg_lanes by = mg_inverse(mg_load(f->sum + query));
        for (int64_t d = 0; d < f->dim; d += MG_LANES) {
            int64_t wide = attention_least(f->dim - d, MG_LANES);
            mg_lanes r[MG_LANES];
            for (int64_t i = 0; i < MG_LANES; i++)
                r[i] = i < wide ? mg_mul_or_zero(mg_load(f->o + (d + i) * FLASH_WIDTH + query), by) : mg_splat(0);
            mg_transpose(r);
            for (int64_t i = 0; i < attention_least(count - query, MG_LANES); i++) {
                float *row = o + (query + i) * f->dim + d;
                if (wide == MG_LANES)
                    mg_store(row, r[i]);
                else
                    mg_store_first(row, r[i], wide);
            }
        }
    }
}

/* The queries `query` ..< `query + count` of a head. */
static void flash_queries(const mg_attention *a, flash_block *f, int64_t head, int64_t query, int64_t count) {
    int64_t group = head / (a->heads / a->kv_heads);
    f->k = a->k + group * a->keys * a->dim;
    f->v = a->v + group * a->keys * a->dim;
    f->vectors = (count + MG_LANES - 1) / MG_LANES;
    f->diagonal = a->causal ? query + a->keys - a->queries : a->keys;
    for (int64_t i = 0; i < FLASH_WIDTH; i++) {
        f->max[i] = -FLT_MAX;
        f->sum[i] = 0;
    }
    for (int64_t i = 0; i < f->dim * FLASH_WIDTH; i += MG_LANES)
        mg_store(f->o + i, mg_splat(0));
    flash_take_queries(f, a->q + (head * a->queries + query) * a->dim, count, a->scale);
    int64_t end = attention_visible(a, query + count - 1);
    for (int64_t from = 0; from < end; from += FLASH_KEYS) {
        int64_t to = attention_least(from + FLASH_KEYS, end);
        float old[FLASH_WIDTH];
        for (int64_t i = 0; i < FLASH_WIDTH; i++)
            old[i] = f->max[i];
        flash_all_scores(f, from, to);
        flash_exponentials(f, from, to, old);
        flash_all_outputs(f, from, to);
    }
    flash_give_outputs(f, a->o + (head * a->queries + query) * a->dim, count);
}

static int64_t flash_scratch(const mg_attention *a) { return (2 * a->dim + FLASH_KEYS + 3) * FLASH_WIDTH; }

static size_t flash_workspace(const void *arguments, int32_t workers) {
    return (size_t)flash_scratch(arguments) * sizeof(float) * (size_t)workers;
}

static void flash(const void *arguments, const mg_work *work) {
    const mg_attention *a = arguments;
    float *scratch = (float *)a->buffers.workspace + flash_scratch(a) * work->index;
    flash_block f = {.dim = a->dim,
                     .q = scratch,
                     .o = scratch + a->dim * FLASH_WIDTH,
                     .p = scratch + 2 * a->dim * FLASH_WIDTH,
                     .max = scratch + (2 * a->dim + FLASH_KEYS) * FLASH_WIDTH,
                     .sum = scratch + (2 * a->dim + FLASH_KEYS + 1) * FLASH_WIDTH,
                     .rescale = scratch + (2 * a->dim + FLASH_KEYS + 2) * FLASH_WIDTH};
    /* Blocks of as equal a width as whole vectors allow; the last queries of a head, the longest rows, come first. */
    int64_t vectors = (a->queries + MG_LANES - 1) / MG_LANES;
    int64_t blocks = (vectors + FLASH_VECTORS - 1) / FLASH_VECTORS;
    for (int64_t item = 0; item < a->heads * blocks; item++) {
        int64_t place = item % (2 * work->count);
        if (work->index != (place < work->count ? place : 2 * work->count - 1 - place))
            continue;
        int64_t block = blocks - 1 - item % blocks;
        int64_t from = vectors * block / blocks * MG_LANES;
        int64_t to = attention_least(vectors * (block + 1) / blocks * MG_LANES, a->queries);
        flash_queries(a, &f, item / blocks, from, to - from);
    }
}
