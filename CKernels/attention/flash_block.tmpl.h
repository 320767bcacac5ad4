#pragma once
/* What flash-style attention has to do around its two products, whatever their number format: a block of queries and
   its scratch, the mask and the maximum of a tile of scores, the outputs, and which worker takes which block.
   Included by flash.tmpl.h and by flash_pairs.tmpl.h, which add the products, inside a target region, after
   functions/<isa>.h. */
#include "visible.h"

#define FLASH_LOG2E 0x1.715476p0f

/* The register tile. Of 32 registers 8 rows of 3 vectors are 24 sums, 3 operands and a broadcast. Of 16, 4 rows of 2
   are 8 sums, as many as two multiply-adds a cycle keep in flight; with 3 vectors the registers did not suffice, and
   half the time went into sums that were put aside. */
enum {
    FLASH_ROWS = MG_REGISTERS / 4,
    FLASH_VECTORS = MG_REGISTERS == 32 ? 3 : 2, /* of queries */
    FLASH_WIDTH = FLASH_VECTORS * MG_LANES,     /* queries of a block, and the row stride of its matrices */
    FLASH_KEYS = 256,                           /* keys of a block */
    FLASH_REST = MG_LANES / 2 /* queries up to which the last ones of a head are flash_rest.tmpl.h's */
};

/* A block of queries of one head, and its scratch. */
typedef struct flash_block {
    const void *k, *v; /* of the kv head, in the format of the products */
    float scale;       /* of scores before their exponential, where Q does not take it */
    int64_t dim;
    int64_t vectors;  /* vectors of queries, 1 ... FLASH_VECTORS */
    int fresh;        /* whether no block of keys is in Oᵀ yet */
    int64_t diagonal; /* lane i sees key j when i >= j − diagonal */
    float *q;         /* [dim][FLASH_WIDTH] */
    float *p;         /* [FLASH_KEYS][FLASH_WIDTH] */
    float *o;         /* [dim][FLASH_WIDTH] */
    float *max;       /* [FLASH_WIDTH], at least -FLT_MAX: exp of -inf minus that is 0, not NaN */
    float *sum;       /* [FLASH_WIDTH] */
    float *rescale;   /* [FLASH_WIDTH]: what Oᵀ has to be multiplied with */
} flash_block;

/* Scores `c` of `rows` keys from `key` on masked and stored at `p`, and the lanes' maximum raised to them. */
MG_INLINE void flash_take_scores(const flash_block *f, mg_lanes c[FLASH_ROWS][FLASH_VECTORS], const int rows,
                                 const int vectors, int64_t key, int64_t first, float *p) {
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

/* Oᵀ to registers: rescaled if it is the first vectors' turn. */
MG_INLINE void flash_take_outputs(const flash_block *f, mg_lanes c[FLASH_ROWS][FLASH_VECTORS], const int rows,
                                  const int vectors, int64_t first, const float *o) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            c[i][v] = mg_splat(0);
    if (first == 0 && f->fresh)
        return;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        mg_lanes by = first == 0 ? mg_load(f->rescale + v * MG_LANES) : mg_splat(1);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
            c[i][v] = mg_mul(by, mg_load(o + i * FLASH_WIDTH + v * MG_LANES));
    }
}

MG_INLINE void flash_keep_outputs(const mg_lanes c[FLASH_ROWS][FLASH_VECTORS], const int rows, const int vectors,
                                  float *o) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            mg_store(o + i * FLASH_WIDTH + v * MG_LANES, c[i][v]);
}

/* The first `count` of a block of vectors to rows `step` apart. */
MG_INLINE void flash_put(float *to, int64_t step, const mg_lanes r[MG_LANES], int64_t count) {
    if (count >= MG_LANES) {
#pragma clang loop unroll(full)
        for (int i = 0; i < MG_LANES; i++)
            mg_store(to + i * step, r[i]);
        return;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < MG_LANES; i++)
        if (i < count)
            mg_store(to + i * step, r[i]);
}

/* O = Oᵀ / sum for `count` queries; zeros for a query that saw nothing, or nothing above -inf. */
static void flash_give_outputs(const flash_block *f, float *o, int64_t count) {
    for (int64_t query = 0; query < count; query += MG_LANES) {
        mg_lanes by = mg_inverse(mg_load(f->sum + query));
        for (int64_t d = 0; d < f->dim; d += MG_LANES) {
            int64_t wide = attention_least(f->dim - d, MG_LANES);
            const float *from = f->o + d * FLASH_WIDTH + query;
            float *to = o + query * f->dim + d;
            mg_lanes r[MG_LANES];
            if (wide == MG_LANES) {
#pragma clang loop unroll(full)
                for (int i = 0; i < MG_LANES; i++)
                    r[i] = mg_mul_or_zero(mg_load(from + i * FLASH_WIDTH), by);
                mg_transpose(r);
                flash_put(to, f->dim, r, count - query);
                continue;
            }
            for (int64_t i = 0; i < MG_LANES; i++)
                r[i] = i < wide ? mg_mul_or_zero(mg_load(from + i * FLASH_WIDTH), by) : mg_splat(0);
            mg_transpose(r);
            for (int64_t i = 0; i < attention_least(count - query, MG_LANES); i++)
                mg_store_first(to + i * f->dim, r[i], wide);
        }
    }
}

/* A block with no key taken yet: the `count` queries from `query` on. */
static void flash_begin(const mg_attention *a, flash_block *f, int64_t query, int64_t count) {
    f->vectors = (count + MG_LANES - 1) / MG_LANES;
    f->diagonal = a->causal ? query + a->keys - a->queries : a->keys;
    for (int64_t i = 0; i < FLASH_WIDTH; i++) {
        f->max[i] = -FLT_MAX;
        f->sum[i] = 0;
    }
}

/* Rows of Qᵀ and of Oᵀ in scratch: whole vectors, for flash_rest.tmpl.h has them across. */
MG_INLINE int64_t flash_depth(const mg_attention *a) { return (a->dim + MG_LANES - 1) / MG_LANES * MG_LANES; }

/* Floats of a block's scratch. */
static int64_t flash_scratch(const mg_attention *a) { return (2 * flash_depth(a) + FLASH_KEYS + 3) * FLASH_WIDTH; }

static flash_block flash_block_at(const mg_attention *a, float *scratch) {
    float *p = scratch + 2 * flash_depth(a) * FLASH_WIDTH, *max = p + FLASH_KEYS * FLASH_WIDTH;
    return (flash_block){.dim = a->dim,
                         .q = scratch,
                         .o = scratch + flash_depth(a) * FLASH_WIDTH,
                         .p = p,
                         .max = max,
                         .sum = max + FLASH_WIDTH,
                         .rescale = max + 2 * FLASH_WIDTH};
}

/* The next block of queries of this worker: item *item of all heads' blocks, or of those after it. False if there is
   none. Blocks are of as equal a width as whole vectors allow, but for up to FLASH_REST last queries beyond whole ones.
   Of the blocks of a head the last queries, the longest rows, come first. Those few last ones take no longer than a
   short block: they are dealt for themselves, as if they came behind all heads' blocks. */
MG_INLINE int flash_next(const mg_attention *a, const mg_work *work, int64_t *item, int64_t *head, int64_t *from,
                         int64_t *to) {
    const int64_t rest = a->queries % MG_LANES <= FLASH_REST ? a->queries % MG_LANES : 0;
    const int64_t vectors = (a->queries - rest + MG_LANES - 1) / MG_LANES;
    const int64_t blocks = (vectors + FLASH_VECTORS - 1) / FLASH_VECTORS, all = blocks + (rest > 0);
    for (; *item < a->heads * all; ++*item) {
        const int64_t own = *item / all, place = *item % all, block = blocks - 1 - place;
        const int64_t turn = (block < 0 ? a->heads * blocks + own : own * blocks + place) % (2 * work->count);
        if (work->index != (turn < work->count ? turn : 2 * work->count - 1 - turn))
            continue;
        *head = own;
        *from = block < 0 ? a->queries - rest : vectors * block / blocks * MG_LANES;
        *to = block < 0 ? a->queries : attention_least(vectors * (block + 1) / blocks * MG_LANES, a->queries - rest);
        ++*item;
        return 1;
    }
    return 0;
}

/* The products of a block of queries with the keys `from` ..< `to`: scores to f.p with their maxima; exponentials in
   their place, and what Oᵀ of the maxima `old` is rescaled with; Oᵀ. */
typedef void flash_tile(const flash_block *f, int64_t from, int64_t to);
typedef void flash_weigh(const flash_block *f, int64_t from, int64_t to, const float *old);

/* The online softmax of `count` queries from `query` on of a head, whose Qᵀ is taken, over blocks of keys. */
MG_INLINE void flash_walk(const mg_attention *a, flash_block *f, int64_t head, int64_t query, int64_t count,
                          flash_tile *scores, flash_weigh *exponentials, flash_tile *outputs) {
    int64_t end = attention_visible(a, query + count - 1);
    for (int64_t from = 0; from < end; from += FLASH_KEYS) {
        int64_t to = attention_least(from + FLASH_KEYS, end);
        float old[FLASH_WIDTH];
        memcpy(old, f->max, sizeof old);
        f->fresh = from == 0;
        scores(f, from, to);
        exponentials(f, from, to, old);
        outputs(f, from, to);
    }
    flash_give_outputs(f, a->o + (head * a->queries + query) * a->dim, count);
}
