/* The product with B as it lies, [k][n]: the first tile that reads a panel packs it on the way. Include after
   gemm.tmpl.h, in the same target region.

   Against packing beforehand: that is a pass over B which no arithmetic covers, most of the time of a product with few
   rows. Here a tile's two vectors of a row of B come from B itself, and go into the panel while the multiply-adds run;
   the tiles below read the panel from the second cache. Rows that fit one tile need no panel at all. A transposed B
   goes the same way through registers (gemm_standing.tmpl.h); the last columns are packed just before they are used.

   Rows of B lie in as many pages: the hardware looks ahead in none of them, so that lines are asked for LYING_AHEAD
   rows ahead, at the end of a panel those of the next one.

   The sums are those of gemm.tmpl.h, bit for bit. */
#include "gemm_standing.tmpl.h"

enum {
    LYING_AHEAD = 64,
    /* Panels that few rows take abreast: so many rows leave registers for them. */
    LYING_TWO = MG_LANES == 16 ? 7 : 0,
};

/* B under a tile. */
typedef struct gemm_lying {
    const float *b; /* at the tile's first row and column */
    int64_t ldb;    /* from row to row */
    int64_t known;  /* rows that exist: the others, up to whole quads, are zeros */
    float *panel;   /* where a tile that packs leaves them */
} gemm_lying;

MG_INLINE void gemm_step_lying(const int rows, const int panels, const int packs, gemm_sums sum, const float *a,
                               const float *b, const float *ahead, float *panel) {
    mg_lanes column[GEMM_ABREAST * GEMM_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < panels * GEMM_VECTORS; v++) {
        column[v] = mg_load(b + v * MG_LANES);
        if (packs)
            mg_store(panel + v * MG_LANES, column[v]);
        if (v * MG_LANES % 16 == 0)
            __builtin_prefetch(ahead + v * MG_LANES, 0, 2);
    }
    __builtin_prefetch(ahead + panels * GEMM_PANEL - 1, 0, 2); /* rows need not begin at a line */
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        mg_lanes one = mg_broadcast(a + i * 4);
#pragma clang loop unroll(full)
        for (int v = 0; v < panels * GEMM_VECTORS; v++)
            sum[i][v] = gemm_multiply_add(sum[i][v], one, column[v]);
    }
}

MG_INLINE void gemm_micro_lying(const int rows, const int panels, const int packs, int64_t units, const float *a,
                                const gemm_lying *lying, const gemm_tile *t) {
    gemm_sums sum;
    const float *b = lying->b;
    float *panel = lying->panel;
    int64_t ldb = lying->ldb, known = lying->known;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < panels * GEMM_VECTORS; v++)
            sum[i][v] = mg_zero();
    float last[4 * GEMM_ABREAST * GEMM_PANEL];
    for (int64_t q = 0; q < units; q += 4) {
        const float *ahead =
            b + (q + LYING_AHEAD < known ? LYING_AHEAD * ldb : (LYING_AHEAD - known) * ldb + panels * GEMM_PANEL);
        if (__builtin_expect(q + 4 > known, 0)) { /* the quad that B ends in */
            memset(last, 0, sizeof last);
            for (int64_t u = 0; u < known - q; u++)
                memcpy(last + u * panels * GEMM_PANEL, b + u * ldb, (size_t)panels * GEMM_PANEL * sizeof(float));
            ahead = b = last;
            ldb = panels * GEMM_PANEL;
        }
#pragma clang loop unroll(full)
        for (int u = 0; u < 4; u++) {
            gemm_step_lying(rows, panels, packs, sum, a + u, b, ahead, panel);
            b += ldb, ahead += ldb, panel += packs ? GEMM_PANEL : 0;
            __asm__("" : "+r"(b), "+r"(ahead));
        }
        a += rows * 4;
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < panels; p++)
        gemm_finish(rows, GEMM_VECTORS, p, sum, t);
}

typedef void gemm_lying_kernel(int64_t units, const float *a, const gemm_lying *lying, const gemm_tile *t);

#define GEMM_LYING(name, r, panels, packs)                                                                             \
    static __attribute__((noinline)) void name##r(int64_t units, const float *a, const gemm_lying *lying,              \
                                                  const gemm_tile *t) {                                                \
        gemm_micro_lying(r, panels, packs, units, a, lying, t);                                                        \
    }
#define GEMM_LYING_ONE(r) GEMM_LYING(gemm_lying_, r, (r) <= GEMM_THIN ? GEMM_ABREAST : (r) <= LYING_TWO ? 2 : 1, 0)
#define GEMM_LYING_LAST(r) GEMM_LYING(gemm_lying_last_, r, 1, 0)
#define GEMM_LYING_PACKS(r) GEMM_LYING(gemm_lying_packs_, r, 1, 1)
GEMM_EACH(GEMM_LYING_ONE)
GEMM_EACH(GEMM_LYING_LAST)
GEMM_EACH(GEMM_LYING_PACKS)

#define GEMM_NAME_LYING(r) gemm_lying_##r,
#define GEMM_NAME_LYING_LAST(r) gemm_lying_last_##r,
#define GEMM_NAME_LYING_PACKS(r) gemm_lying_packs_##r,
static gemm_lying_kernel *const gemm_lying_one[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_LYING)};
static gemm_lying_kernel *const gemm_lying_last[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_LYING_LAST)};
static gemm_lying_kernel *const gemm_lying_packs[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_LYING_PACKS)};

/* How many of `panels` whole panels, as they lie, one tile of `rows` rows takes. */
MG_INLINE int64_t gemm_lying_abreast(int64_t rows, int64_t panels) {
    int64_t most = rows <= GEMM_THIN ? GEMM_ABREAST : rows <= LYING_TWO ? 2 : 1;
    return panels >= most ? most : 1;
}

/* The panels of one block of rows over one block of K. `packs`: the panels are not packed yet; `stride` floats lie
   between those of `packed`, 0 if each takes the place of the last. */
static void gemm_block_lying(const gemm *g, const void *b, int transposed, int packs, int64_t r0, int64_t r1,
                             int64_t u0, int64_t units, int64_t p0, int64_t p1, float *packed, int64_t stride,
                             const uint32_t *scratch) {
    int64_t all = gemm_units(g->k), whole = g->n / GEMM_PANEL;
    int64_t slivers = (r1 - r0 + GEMM_ROWS - 1) / GEMM_ROWS;
    int meets = packs && g->dtype == MG_F32, lies = meets && !transposed, stands = meets && transposed;
    int alone = slivers == 1 && stride == 0; /* no other tile reads what this one packs */
    for (int64_t panel = p0, abreast; panel < p1; panel += abreast) {
        float *here = packed + (panel - p0) * stride;
        int direct = lies && panel < whole;
        abreast = direct && alone ? gemm_lying_abreast(r1 - r0, gemm_min(p1, whole) - panel) : 1;
        if (packs && !direct && !stands)
            gemm_pack_panel(b, g->dtype, transposed, g->n, g->k, panel, u0, u0 + units, (uint32_t *)here);
        gemm_tile tile = gemm_tile_of(g, r0, r1, u0, units, all, panel);
        for (int64_t s = 0; s < slivers; s++) {
            int64_t row = r0 + (r1 - r0) * s / slivers, next = r0 + (r1 - r0) * (s + 1) / slivers;
            const float *a = (const float *)scratch + (row - r0) * units;
            gemm_tile_move(g, &tile, r0, row, panel, 0);
            if (stands && s == 0) {
                gemm_stand(g, b, &tile, r0, row, next - row, u0, units, panel, a, alone ? NULL : here);
            } else if (direct && s == 0) {
                gemm_lying lying = {.b = (const float *)b + u0 * g->n + panel * GEMM_PANEL,
                                    .ldb = g->n,
                                    .known = gemm_min(units, g->k - u0),
                                    .panel = here};
                gemm_lying_kernel *const *kernels = !alone        ? gemm_lying_packs
                                                    : abreast > 1 ? gemm_lying_one
                                                                  : gemm_lying_last;
                kernels[next - row](units, a, &lying, &tile);
            } else {
                gemm_kernels_for(g, panel, 0)[next - row](units, a, here, 0, &tile);
            }
        }
    }
}

/* As gemm_run, for B as it lies. `packed` holds these panels. */
static inline void gemm_run_lying(const gemm *g, const void *b, int transposed, int64_t r0, int64_t r1, int64_t p0,
                                  int64_t p1, float *packed, void *scratch) {
    int64_t all = gemm_units(g->k), step = gemm_block_k(all), room = gemm_block_rows(g->tuning, step);
    if (r0 >= r1 || p0 >= p1)
        return;
    int64_t blocks = (r1 - r0 + room - 1) / room;
    for (int64_t u = 0; u < all; u += step) {
        int64_t units = gemm_min(step, all - u);
        for (int64_t block = 0; block < blocks; block++) {
            int64_t row = r0 + (r1 - r0) * block / blocks, end = r0 + (r1 - r0) * (block + 1) / blocks;
            gemm_pack_rows(g, row, end, u, units, scratch);
            gemm_block_lying(g, b, transposed, block == 0, row, end, u, units, p0, p1, packed,
                             blocks > 1 ? gemm_min(step, all) * GEMM_PANEL : 0, scratch);
        }
    }
}
