/* The product with B as it stands, transposed, [n][k]: columns of C are rows of B. Included by gemm_lying.tmpl.h.

   Against packing a panel first: that writes and reads all of B once more, in pieces of sixteen bytes, and with few
   rows it was most of the time. Here a square of LANES columns by LANES units is transposed in registers and meets the
   rows of A at once; where more tiles follow below, it goes into the panel on the way. A vector takes two to
   four shuffles (NEON, AVX-512), whatever the rows: little beside memory with one row, and beside the multiply-adds
   with many.

   The rows of B are as many streams. Each is asked for STANDING_AHEAD units ahead.

   Every sum is that of gemm.tmpl.h, bit for bit: units in order, zeros up to whole quads. */
enum { STANDING_AHEAD = 256 };

/* B under a tile of one vector of columns. */
typedef struct gemm_standing {
    const float *b;         /* at the tile's first column and unit */
    int64_t ldb;            /* from column to column */
    int64_t columns, known; /* those that exist: up to a whole vector and whole quads the rest is zeros */
    float *panel;           /* where a tile that packs leaves them */
} gemm_standing;

MG_INLINE void gemm_square(mg_lanes x[MG_LANES], const gemm_standing *s, int64_t u) {
    int64_t left = s->known - u;
    if (__builtin_expect(left >= MG_LANES && s->columns >= MG_LANES, 1)) {
#pragma clang loop unroll(full)
        for (int j = 0; j < MG_LANES; j++) {
            const float *row = s->b + j * s->ldb + u;
            x[j] = mg_load(row);
            __builtin_prefetch(row + STANDING_AHEAD, 0, 2);
        }
    } else {
        for (int j = 0; j < MG_LANES; j++)
            x[j] = j < s->columns ? mg_load_left(s->b + j * s->ldb + u, left) : mg_zero();
    }
    mg_transpose(x);
}

MG_INLINE void gemm_micro_standing(const int rows, const int packs, int64_t units, const float *a,
                                   const gemm_standing *s, const gemm_tile *t) {
    gemm_sums sum;
    float *panel = s->panel;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        sum[i][0] = mg_zero();
    int64_t u = 0;
    for (; u + MG_LANES <= units; u += MG_LANES, a += rows * MG_LANES, panel += packs ? MG_LANES * GEMM_PANEL : 0) {
        mg_lanes x[MG_LANES];
        gemm_square(x, s, u);
#pragma clang loop unroll(full)
        for (int e = 0; e < MG_LANES; e++) {
            if (packs)
                mg_store(panel + e * GEMM_PANEL, x[e]);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                sum[i][0] = gemm_multiply_add(sum[i][0], mg_broadcast(a + (e / 4 * rows + i) * 4 + e % 4), x[e]);
        }
    }
    if (u < units) { /* quads that are no whole square */
        mg_lanes x[MG_LANES];
        gemm_square(x, s, u);
        for (int e = 0; e < units - u; e++) {
            if (packs)
                mg_store(panel + e * GEMM_PANEL, x[e]);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                sum[i][0] = gemm_multiply_add(sum[i][0], mg_broadcast(a + (e / 4 * rows + i) * 4 + e % 4), x[e]);
        }
    }
    gemm_finish(rows, 1, 0, sum, t);
}

typedef void gemm_standing_kernel(int64_t units, const float *a, const gemm_standing *s, const gemm_tile *t);

#define GEMM_STANDING(name, r, packs)                                                                                  \
    static __attribute__((noinline)) void name##r(int64_t units, const float *a, const gemm_standing *s,               \
                                                  const gemm_tile *t) {                                                \
        gemm_micro_standing(r, packs, units, a, s, t);                                                                 \
    }
#define GEMM_STANDING_ALONE(r) GEMM_STANDING(gemm_standing_, r, 0)
#define GEMM_STANDING_PACKS(r) GEMM_STANDING(gemm_standing_packs_, r, 1)
GEMM_EACH(GEMM_STANDING_ALONE)
GEMM_EACH(GEMM_STANDING_PACKS)

#define GEMM_NAME_STANDING(r) gemm_standing_##r,
#define GEMM_NAME_STANDING_PACKS(r) gemm_standing_packs_##r,
static gemm_standing_kernel *const gemm_standing_alone[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_STANDING)};
static gemm_standing_kernel *const gemm_standing_packs[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_STANDING_PACKS)};

/* The first tile of a panel: `rows` rows from `row` of those that begin at `r0`, over units `u0 ..< u0 + units`. It
   packs the panel at `packed`; NULL: nothing needs it. */
MG_INLINE void gemm_stand(const gemm *g, const float *b, const gemm_tile *tile, int64_t r0, int64_t row, int64_t rows,
                          int64_t u0, int64_t units, int64_t panel, const float *a, float *packed) {
    int64_t first = panel * GEMM_PANEL, columns = gemm_min(GEMM_PANEL, g->n - first);
    for (int64_t at = 0; at < (packed ? GEMM_PANEL : columns); at += MG_LANES) {
        gemm_tile part = *tile;
        part.columns -= at;
        part.bias = tile->bias ? tile->bias + at : NULL;
        gemm_tile_move(g, &part, r0, row, panel, at);
        gemm_standing standing = {.b = b + (first + at) * g->k + u0,
                                  .ldb = g->k,
                                  .columns = columns - at,
                                  .known = gemm_min(units, g->k - u0),
                                  .panel = packed + at};
        (packed ? gemm_standing_packs : gemm_standing_alone)[rows](units, a, &standing, &part);
    }
}
