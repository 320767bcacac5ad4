/* The product at the heart of matmul and ffn, written once over the vectors of an instruction set.

   Include after a gemm_<isa>.h of this folder, inside the same target region. Goto and van de Geijn 2008 ("Anatomy of
   high-performance matrix multiplication"), with B packed beforehand:

     for each block of K, <= BLOCK_K units         as long as a panel of it fits the second cache
       for each block of rows, BLOCK_A floats of A   packed into slivers: they stay in the second cache, too
         for each panel of B, PANEL columns          streams in from the third cache once for every block of rows
           for each sliver of A, <= ROWS rows        a tile of C in registers over the whole block of K

   The usual blocks of K are a fifth as long, to keep a sliver in the first cache. But each further block reads and
   writes C once more, in as many pages as a tile has rows, and that was a tenth of the time at 1024 x 1024 x 1024 (Zen
   4); slivers come in from the second cache at 7 bytes a cycle, which it gives.

   gemm_packing.tmpl.h has the layouts, gemm_tile.tmpl.h the tile; this file has the order of the blocks.

   Every output is the sum over a block of K in order, then the sum of the blocks in order, whatever the tile, the
   number of rows and the number of workers: a row has the same bits in any batch. (A last column that is alone in its
   vector has four such sums, of every fourth unit: gemm_single.tmpl.h.) */
#include "gemm_packing.tmpl.h"
#include "gemm_tile.tmpl.h"
#include "gemm_single.tmpl.h"

/* Whether A is read where it lies: few panels would not repay its packing, and its rows are not so far apart that a
   line of each finds no room in the first cache. */
MG_INLINE int gemm_in_place(const gemm *g, int64_t panels) {
    return panels <= g->tuning->in_place_columns / GEMM_PANEL && g->k <= GEMM_IN_PLACE_K * GEMM_UNIT &&
           g->lda == g->k && (g->dtype == MG_F32) == (GEMM_UNIT == 1);
}

/* How many of the `panels` that are left `rows` rows take at a time. */
MG_INLINE int64_t gemm_abreast(int64_t rows, int64_t panels) {
    return rows <= GEMM_THIN && panels >= GEMM_ABREAST ? GEMM_ABREAST : 1;
}

/* The tiles of `panel`: half as wide where C has no more columns, and half of a vector where that is enough. */
MG_INLINE gemm_kernel *const *gemm_kernels_for(const gemm *g, int64_t panel, int in_place) {
#ifdef GEMM_NARROW
    if (!g->gated && g->n - panel * GEMM_PANEL <= MG_LANES / 2)
        return in_place ? gemm_kernels_narrow_in_place : gemm_kernels_narrow;
#endif
    if (!g->gated && g->n - panel * GEMM_PANEL <= GEMM_PANEL / 2)
        return in_place ? gemm_kernels_half_in_place : gemm_kernels_half;
    return in_place ? gemm_kernels_in_place : gemm_kernels;
}

/* What tiles of rows `r0 ..< r1` and a panel have in common over units `u0 ..< u0 + units` of `all`. */
MG_INLINE gemm_tile gemm_tile_of(const gemm *g, int64_t r0, int64_t r1, int64_t u0, int64_t units, int64_t all,
                                 int64_t panel) {
    int64_t width = g->gated ? GEMM_PANEL / 2 : GEMM_PANEL, first = panel * width;
    return (gemm_tile){.ldc = g->ldc,
                       .lda = g->lda * 4 / GEMM_UNIT,
                       .rest = g->k / GEMM_UNIT % 4,
                       .odd = g->k % GEMM_UNIT > 0,
                       .width = width,
                       .columns = g->n - first,
                       .lds = g->partial ? GEMM_PANEL : g->ldc,
                       .sum_step = g->partial ? (r1 - r0) * GEMM_PANEL : width,
                       .adds = u0 > 0,
                       .finishes = u0 + units >= all,
                       .bias = g->bias ? g->bias + first : NULL,
                       .activation = g->activation,
                       .gated = g->gated};
}

/* Moves such a tile to `row` of the rows that begin at `r0`, and to column `at` of the panel. */
MG_INLINE void gemm_tile_move(const gemm *g, gemm_tile *t, int64_t r0, int64_t row, int64_t panel, int64_t at) {
    int64_t first = panel * t->width + at;
    t->c = g->c + row * g->ldc + first;
    t->sum = g->partial ? g->partial + (row - r0) * GEMM_PANEL + at : t->c;
    t->residual = g->residual ? g->residual + row * g->ldc + first : NULL;
}

/* The tiles of a panel for the rows of a block, from its column `at` on; see gemm_block. */
MG_INLINE void gemm_slivers(const gemm *g, gemm_tile *tile, int64_t r0, int64_t r1, int64_t units, int64_t panel,
                            int64_t at, const float *b, int64_t step, const uint32_t *scratch,
                            gemm_kernel *const *kernels) {
    /* Slivers of equal height rather than a short last one. */
    int64_t slivers = (r1 - r0 + GEMM_ROWS - 1) / GEMM_ROWS;
    int64_t length = scratch ? units : g->k / GEMM_UNIT / 4 * 4;
    for (int64_t s = 1, row = r0, next; s <= slivers; s++, row = next) {
        next = r0 + (r1 - r0) * s / slivers;
        gemm_tile_move(g, tile, r0, row, panel, at);
        const float *a = scratch ? (const float *)scratch + (row - r0) * units
                                 : (const float *)((const char *)g->a + row * tile->lda);
        kernels[next - row](length, a, b + at, step, tile);
    }
}

/* Rows `r0 ..< r1` over units `u0 ..< u0 + units`, panels `p0 ..< p1`; the slivers are packed in `scratch`; NULL: A is
   read in place. */
static void gemm_block(const gemm *g, int64_t r0, int64_t r1, int64_t u0, int64_t units, int64_t all, int64_t p0,
                       int64_t p1, const uint32_t *scratch) {
    const int64_t step = all * GEMM_PANEL;
    for (int64_t panel = p0, abreast; panel < p1; panel += abreast) {
        const float *b = g->packed + (panel * all + u0) * GEMM_PANEL;
        abreast = scratch ? gemm_abreast(r1 - r0, p1 - panel) : 1;
        gemm_kernel *const *kernels = abreast > 1 ? gemm_kernels_abreast : gemm_kernels_for(g, panel, !scratch);
        gemm_tile tile = gemm_tile_of(g, r0, r1, u0, units, all, panel);
        /* Columns that end in part of a vector, for which there is a tile of its own. */
        const int64_t whole = tile.columns / MG_LANES * MG_LANES;
        gemm_kernel *const *end = NULL;
#ifdef GEMM_QUAD
        if (g->single && tile.columns < GEMM_PANEL)
            end = scratch ? gemm_kernels_single : gemm_kernels_single_in_place;
#endif
#ifdef GEMM_NARROW
        if (!end && abreast == 1 && !g->gated && tile.columns > MG_LANES && tile.columns <= MG_LANES * 3 / 2)
            end = scratch ? gemm_kernels_narrow : gemm_kernels_narrow_in_place;
#endif
        if (end) {
            gemm_tile right = tile;
            tile.columns = whole;
            right.columns -= whole;
            right.bias = tile.bias ? tile.bias + whole : NULL;
            if (whole > 0)
                gemm_slivers(g, &tile, r0, r1, units, panel, 0, b, step, scratch,
                             scratch ? gemm_kernels_half : gemm_kernels_half_in_place);
            gemm_slivers(g, &right, r0, r1, units, panel, whole, b, step, scratch, end);
            continue;
        }
        gemm_slivers(g, &tile, r0, r1, units, panel, 0, b, step, scratch, kernels);
    }
}

/* The product with the slivers of gemm_pack_all, a panel at a time over all of K. */
static void gemm_panelwise(const gemm *g, int64_t r0, int64_t r1, int64_t p0, int64_t p1, const uint32_t *scratch) {
    int64_t all = gemm_units(g->k), step = gemm_block_k(all);
    for (int64_t panel = p0, next; panel < p1; panel = next) {
        next = panel + gemm_abreast(r1 - r0, p1 - panel);
        if (all == 0) /* an empty sum: the epilogue of zeros */
            gemm_block(g, r0, r1, 0, 0, 0, panel, next, scratch);
        for (int64_t u = 0; u < all; u += step)
            gemm_block(g, r0, r1, u, gemm_min(step, all - u), all, panel, next, scratch + u * (r1 - r0));
    }
}

/* The product for rows `r0 ..< r1` and panels `p0 ..< p1`. `scratch` holds gemm_scratch_bytes(k). */
static inline void gemm_run(const gemm *g, int64_t r0, int64_t r1, int64_t p0, int64_t p1, void *scratch) {
    int64_t all = gemm_units(g->k), step = gemm_block_k(all);
    if (r0 >= r1 || p0 >= p1)
        return;
    if (r1 - r0 > GEMM_THIN && all > 0 && gemm_in_place(g, p1 - p0)) {
        gemm_block(g, r0, r1, 0, all, all, p0, p1, NULL);
        return;
    }
    if (r1 - r0 <= GEMM_ROWS || all == 0) { /* few rows: B is read once, front to back */
        gemm_pack_all(g, r0, r1, scratch);
        gemm_panelwise(g, r0, r1, p0, p1, scratch);
        return;
    }
    int64_t room = gemm_block_rows(g->tuning, step), blocks = (r1 - r0 + room - 1) / room;
    for (int64_t u = 0; u < all; u += step) {
        int64_t units = gemm_min(step, all - u);
        for (int64_t block = 0; block < blocks; block++) { /* of equal height */
            int64_t row = r0 + (r1 - r0) * block / blocks, end = r0 + (r1 - r0) * (block + 1) / blocks;
            gemm_pack_rows(g, row, end, u, units, scratch);
            gemm_block(g, row, end, u, units, all, p0, p1, scratch);
        }
    }
}

/* The width of the last panel's tiles, in quarters of a panel. */
MG_INLINE int64_t gemm_last_quarters(int64_t columns) {
#ifdef GEMM_NARROW
    return (columns * 4 + GEMM_PANEL - 1) / GEMM_PANEL;
#else
    return (columns * 2 + GEMM_PANEL - 1) / GEMM_PANEL * 2;
#endif
}

/* How long `rows` rows take against the width of their tiles: a sliver costs about four rows beside its own. */
MG_INLINE int64_t gemm_rows_time(int64_t rows) { return rows + (rows + GEMM_ROWS - 1) / GEMM_ROWS * 4; }

/* Whether the workers had better divide the columns of C than its rows. Rows of C that do not begin on lines of the
   cache have one each that is written from both sides of a border; that takes as long as 64 units of K of a quarter of
   a panel. */
MG_INLINE int gemm_by_columns(int64_t m, int64_t n, int64_t units, int64_t count) {
    int64_t panels = gemm_panels(n), widest = 0;
    int64_t missing = panels > 0 ? 4 - gemm_last_quarters(n - (panels - 1) * GEMM_PANEL) : 0;
    for (int64_t worker = 0; worker < count; worker++) {
        int64_t from = panels * worker / count, to = panels * (worker + 1) / count;
        int64_t width = (to - from) * 4 - (to == panels && from < to ? missing : 0);
        widest = width > widest ? width : widest;
    }
    int64_t border = n % 16 && count > 1 && units > 0 ? m * 64 / units : 0;
    return widest * gemm_rows_time(m) + border <= (panels * 4 - missing) * gemm_rows_time((m + count - 1) / count);
}

/* This worker's rectangle of C: the side that divides more evenly is split, columns if both do. */
static inline void gemm_share(const mg_work *work, int64_t m, int64_t n, int64_t units, int64_t *r0, int64_t *r1,
                              int64_t *p0, int64_t *p1) {
    *r0 = 0, *r1 = m, *p0 = 0, *p1 = gemm_panels(n);
    if (gemm_by_columns(m, n, units, work->count)) {
        mg_work_range(work, *p1, 1, p0, p1);
    } else {
        mg_work_range(work, m, 1, r0, r1);
    }
}
