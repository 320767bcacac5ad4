/* The product at the heart of matmul and ffn, written once over the vectors of an instruction set.

   Include after an isa_*.h of this folder, inside the same target region. Goto and van de Geijn 2008 ("Anatomy of
   high-performance matrix multiplication"), with B packed beforehand:

     for each block of K, <= BLOCK_K units         as long as a panel of it fits the second cache
       for each block of rows, BLOCK_A floats of A   packed into slivers: they stay in the second cache, too
         for each panel of B, PANEL columns          streams in from the third cache once for every block of rows
           for each sliver of A, <= ROWS rows        a tile of C in registers over the whole block of K

   The usual blocks of K are a fifth as long, to keep a sliver in the first cache. But each further block reads and
   writes C once more, in as many pages as a tile has rows, and that was a tenth of the time at 1024 x 1024 x 1024 (Zen
   4); slivers come in from the second cache at 7 bytes a cycle, which it gives.

   A unit is what one lane multiplies at a time: one float, or two bf16 that a dot-product instruction adds up.
   Panels are [units of K, padded to 4][PANEL], zeros behind the last column and row of B. Slivers are
   [units / 4][rows][4], so that packing moves sixteen bytes at a time.

   Every output is the sum over a block of K in order, then the sum of the blocks in order, whatever the tile, the
   number of rows and the number of workers: a row has the same bits in any batch. */
#include <stdint.h>
#include <string.h>

#include "mg_tuning.h"
#include "mg_variant.h"

enum {
    GEMM_PANEL = GEMM_LANES * GEMM_VECTORS,
    GEMM_BLOCK_K = GEMM_LANES == 16 ? 2048 : 1024, /* small tiles read panels more often */
    /* Panels that rows up to GEMM_THIN take abreast. One row of one panel has two sums, each waiting for its last
       addition: eight keep the pipes busy, and four streams more bytes on their way. */
    GEMM_ABREAST = 4,
    /* Rows of a panel that are asked for ahead, into the second cache: the first has too few buffers for lines that
       come from memory. With 8 rows that is 1000 cycles ahead; measured, 1.28 times the rate without. Panels abreast
       leave it to the hardware, which four streams keep busy: 1.3 times the rate of asking. */
    GEMM_AHEAD = 64,
    /* Up to these A is read in place: see gemm_in_place. */
    GEMM_IN_PLACE_K = 256,
};

/* The machine's: floats of a block of A, and panels of B up to which A is read in place. */
#define GEMM_BLOCK_A (mg_tuned.block_a_bytes / (int64_t)sizeof(float))
#define GEMM_IN_PLACE_PANELS (mg_tuned.in_place_columns / GEMM_PANEL)

/* One product, for any range of its rows and panels. */
typedef struct gemm {
    int64_t n, k;  /* columns of C; inner size in elements */
    const void *a; /* [rows][k], lda elements apart */
    int64_t lda;
    mg_dtype dtype;      /* of A */
    const float *packed; /* all panels of B */
    float *c;
    int64_t ldc;
    /* The epilogue, applied to finished values while they are in registers: activation(x + bias) + residual. */
    const float *bias;     /* [n], or NULL */
    const float *residual; /* [rows][n], ldc apart as C is, or NULL */
    mg_activation activation;
    /* Gated: each panel holds PANEL / 2 columns of a gate and then the same columns of B, and C gets
       activation(gate) · value; n counts the columns of C. */
    int gated;
    /* [rows of a block][PANEL]: where the sums of one panel wait for the next block of K; NULL: in C itself. */
    float *partial;
} gemm;

MG_INLINE int64_t gemm_min(int64_t a, int64_t b) { return a < b ? a : b; }

/* Units of K, padded to whole quads. */
MG_INLINE int64_t gemm_units(int64_t k) { return ((k + GEMM_UNIT - 1) / GEMM_UNIT + 3) / 4 * 4; }

MG_INLINE int64_t gemm_panels(int64_t n) { return (n + GEMM_PANEL - 1) / GEMM_PANEL; }

/* Units of one block of K: K in equal parts of at most BLOCK_K, in whole panels. A function of K alone, so that the
   order of every sum is one too. */
MG_INLINE int64_t gemm_block_k(int64_t units) {
    int64_t blocks = (units + GEMM_BLOCK_K - 1) / GEMM_BLOCK_K;
    return blocks > 0 ? ((units + blocks - 1) / blocks + GEMM_PANEL - 1) / GEMM_PANEL * GEMM_PANEL : GEMM_PANEL;
}

MG_INLINE size_t gemm_packed_bytes(int64_t n, int64_t k) {
    return (size_t)(gemm_panels(n) * GEMM_PANEL * gemm_units(k)) * sizeof(float);
}

/* Rows of a block of A over `step` units of K, whole slivers. */
MG_INLINE int64_t gemm_block_rows(int64_t step) {
    int64_t slivers = GEMM_BLOCK_A / (step * GEMM_ROWS);
    return (slivers > 0 ? slivers : 1) * GEMM_ROWS;
}

/* Scratch of one worker: slivers of a block of rows, or of the few rows of a skinny product over all of K. */
MG_INLINE size_t gemm_scratch_bytes(int64_t k) {
    int64_t skinny = GEMM_ROWS * gemm_units(k);
    return (size_t)(GEMM_BLOCK_A > skinny ? GEMM_BLOCK_A : skinny) * sizeof(float);
}

/* Unit `u` of a row of `k` elements, as the 32 bits that a lane holds; zeros behind the end. */
MG_INLINE uint32_t gemm_unit(const void *row, int64_t stride, mg_dtype dtype, int64_t u, int64_t k) {
    if (dtype == MG_BF16) {
        const uint16_t *x = row;
        int64_t e = u * GEMM_UNIT;
        uint32_t first = e < k ? x[e * stride] : 0;
#if GEMM_UNIT == 2
        uint32_t second = e + 1 < k ? x[(e + 1) * stride] : 0;
        return first | second << 16;
#else
        return first << 16; /* bf16 is the upper half of a float */
#endif
    }
    uint32_t bits = 0;
    if (u < k)
        memcpy(&bits, (const float *)row + u * stride, 4);
    return bits;
}

/* Copies columns `first ..< first + columns` of B, [k][n] or [n][k] if transposed, into a panel at `out`. */
static void gemm_pack_columns(const void *b, mg_dtype dtype, int transposed, int64_t n, int64_t k, int64_t first,
                              int64_t columns, uint32_t *out) {
    int64_t units = gemm_units(k);
    size_t size = dtype == MG_BF16 ? 2 : 4;
    if (transposed) {
        for (int64_t block = 0; block < units; block += 16) { /* a line of every column at a time */
            int64_t end = gemm_min(units, block + 16);
            for (int64_t j = 0; j < columns; j++) {
                const char *column = (const char *)b + (size_t)((first + j) * k) * size;
                for (int64_t u = block; u < end; u++)
                    out[u * GEMM_PANEL + j] = gemm_unit(column, 1, dtype, u, k);
            }
        }
        return;
    }
    const char *row = (const char *)b + (size_t)first * size;
    for (int64_t u = 0; u < units; u++) {
        if (dtype == MG_F32 && u < k) {
            memcpy(out + u * GEMM_PANEL, row + (size_t)(u * n) * 4, (size_t)columns * 4);
        } else {
            for (int64_t j = 0; j < columns; j++)
                out[u * GEMM_PANEL + j] = gemm_unit(row + (size_t)j * size, n, dtype, u, k);
        }
    }
}

/* Lays out panels `from ..< to` of B. */
static inline void gemm_pack(const void *b, mg_dtype dtype, int transposed, int64_t n, int64_t k, int64_t from,
                             int64_t to, float *packed) {
    int64_t size = gemm_units(k) * GEMM_PANEL;
    for (int64_t panel = from; panel < to; panel++) {
        uint32_t *out = (uint32_t *)packed + panel * size;
        int64_t first = panel * GEMM_PANEL, columns = gemm_min(GEMM_PANEL, n - first);
        if (columns < GEMM_PANEL)
            memset(out, 0, (size_t)size * 4);
        gemm_pack_columns(b, dtype, transposed, n, k, first, columns, out);
    }
}

/* Packs `rows` rows from `row`, units `from ..< from + units` (whole quads), into one sliver. A line of every row at a
   time: then it is read once, whatever the rows' distance, and the sliver is written front to back. */
static void gemm_pack_sliver(const gemm *g, int64_t row, int rows, int64_t from, int64_t units, uint32_t *sliver) {
    size_t size = g->dtype == MG_BF16 ? 2 : 4;
    const char *first = (const char *)g->a + (size_t)(row * g->lda + from * GEMM_UNIT) * size;
    size_t step = (size_t)g->lda * size;
    /* Quads whose bits are those of A. */
    int64_t direct = g->dtype == MG_F32 || GEMM_UNIT == 2 ? gemm_min(units, (g->k / GEMM_UNIT - from) / 4 * 4) / 4 : 0;
    int64_t q = 0;
    for (; q + 4 <= direct; q += 4) {
        for (int i = 0; i < rows; i++) {
            const char *a = first + (size_t)i * step + q * 16;
            uint32_t *out = sliver + (q * rows + i) * 4;
#pragma clang loop unroll(full)
            for (int64_t e = 0; e < 4; e++)
                memcpy(out + e * rows * 4, a + e * 16, 16);
        }
    }
    for (; q < direct; q++)
        for (int i = 0; i < rows; i++)
            memcpy(sliver + (q * rows + i) * 4, first + (size_t)i * step + q * 16, 16);
    for (; q < units / 4; q++)
        for (int i = 0; i < rows; i++)
            for (int e = 0; e < 4; e++)
                sliver[(q * rows + i) * 4 + e] = gemm_unit((const char *)g->a + (size_t)((row + i) * g->lda) * size, 1,
                                                           g->dtype, from + q * 4 + e, g->k);
}

/* Where a tile of C lies, and what happens to it besides the sum. */
typedef struct gemm_tile {
    float *c;
    int64_t ldc;
    int64_t lda;                  /* bytes between rows of A, where it is read in place */
    int64_t width, columns;       /* of C: a panel's, and those that are left */
    float *sum;                   /* the sums of the blocks of K so far: in C, or in `partial` */
    int64_t lds, sum_step;        /* from row to row, from panel to panel */
    int adds;                     /* there is such a sum; else it is not read */
    int finishes;                 /* this is the last block of K: the epilogue is due */
    const float *bias, *residual; /* at this tile */
    mg_activation activation;
    int gated;
} gemm_tile;

/* A finished tile goes through the epilogue from the first cache: the code of an activation stands here once, not
   once for every register. */
static void gemm_epilogue(const gemm_tile *t, int rows, const float *tile) {
    int64_t columns = gemm_min(t->width, t->columns);
    for (int i = 0; i < rows; i++) {
        for (int64_t at = 0; at < columns; at += GEMM_LANES) {
            int64_t left = columns - at;
            gemm_vec x = gemm_load(tile + i * GEMM_PANEL + at);
            if (t->bias)
                x = gemm_add(x, gemm_load_part(t->bias + at, left));
            x = gemm_activate(x, t->activation);
            if (t->gated)
                x = gemm_multiply(x, gemm_load(tile + i * GEMM_PANEL + GEMM_PANEL / 2 + at));
            if (t->residual)
                x = gemm_add(x, gemm_load_part(t->residual + i * t->ldc + at, left));
            gemm_store_part(t->c + i * t->ldc + at, x, left);
        }
    }
}

/* The registers of a tile: rows by vectors, the vectors of panels that go abreast side by side. */
typedef gemm_vec gemm_sums[GEMM_ROWS][GEMM_ABREAST * GEMM_VECTORS];

/* What becomes of the sums of one panel, the `panel`th of those abreast. */
MG_INLINE void gemm_finish(const int rows, const int panel, gemm_sums sum, const gemm_tile *t) {
    const int at = panel * GEMM_VECTORS;
    float *sums = t->sum + panel * t->sum_step;
    int64_t left = t->columns - panel * t->width; /* of C's columns, if they are where the sums wait */
    int64_t columns = t->sum_step == t->width ? gemm_min(left, GEMM_PANEL) : GEMM_PANEL;
    if (t->adds) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < GEMM_VECTORS; v++) {
                int64_t lane = v * GEMM_LANES;
                sum[i][at + v] = gemm_add(gemm_load_part(sums + i * t->lds + lane, columns - lane), sum[i][at + v]);
            }
        }
    }
    if (t->finishes && (t->bias || t->residual || t->gated || t->activation != MG_IDENTITY)) {
        float tile[GEMM_ROWS * GEMM_PANEL];
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < GEMM_VECTORS; v++)
                gemm_store(tile + i * GEMM_PANEL + v * GEMM_LANES, sum[i][at + v]);
        }
        gemm_tile here = *t;
        here.c += panel * t->width;
        here.columns = left;
        here.bias = t->bias ? t->bias + panel * t->width : NULL;
        here.residual = t->residual ? t->residual + panel * t->width : NULL;
        gemm_epilogue(&here, rows, tile);
        return;
    }
    float *out = t->finishes ? t->c + panel * t->width : sums;
    int64_t stride = t->finishes ? t->ldc : t->lds;
    if (t->finishes)
        columns = gemm_min(left, GEMM_PANEL);
    if (columns == GEMM_PANEL) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < GEMM_VECTORS; v++)
                gemm_store(out + i * stride + v * GEMM_LANES, sum[i][at + v]);
        }
    } else {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < GEMM_VECTORS; v++)
                gemm_store_part(out + i * stride + v * GEMM_LANES, sum[i][at + v], columns - v * GEMM_LANES);
        }
    }
}

/* Bytes from a row of A to others. The compiler is not told how they hang together: it would advance a pointer for
   every row at every step, most of them in memory, at 0.63 times the rate. */
typedef struct gemm_strides {
    int64_t by[GEMM_ROWS];
} gemm_strides;

MG_INLINE gemm_strides gemm_strides_of(const int rows, int64_t bytes) {
    gemm_strides s;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        s.by[i] = i * bytes;
        __asm__("" : "+r"(s.by[i]));
    }
    return s;
}

/* A tile of `rows` rows and `panels` panels, `step` floats apart, over one block of K. `rows` and `panels` are
   constants at every call, so the accumulators are registers and every loop over them is unrolled.

   The lines of C lie in as many pages as there are rows, and are asked for before the sums begin. */
MG_INLINE void gemm_micro(const int rows, const int panels, const int in_place, int64_t units, const float *a,
                          const float *b, int64_t step, const gemm_tile *t) {
    gemm_sums sum;
    gemm_strides strides;
    if (in_place)
        strides = gemm_strides_of(rows, t->lda * 4);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        float *out = t->finishes ? t->c + i * t->ldc : t->sum + i * t->lds;
#pragma clang loop unroll(full)
        for (int v = 0; v < panels * GEMM_VECTORS; v++)
            sum[i][v] = gemm_zero();
#pragma clang loop unroll(full)
        for (int line = 0; line < GEMM_PANEL && !in_place; line += 16)
            __builtin_prefetch(out + line, 1);
    }
    for (int64_t q = 0; q < units; q += 4) {
#pragma clang loop unroll(full)
        for (int u = 0; u < 4; u++) {
            gemm_vec column[GEMM_ABREAST * GEMM_VECTORS];
#pragma clang loop unroll(full)
            for (int p = 0; p < panels; p++) {
#pragma clang loop unroll(full)
                for (int v = 0; v < GEMM_VECTORS; v++) {
                    const float *line = b + p * step + v * GEMM_LANES;
                    column[p * GEMM_VECTORS + v] = gemm_load(line);
                    if (panels == 1 && !in_place && v * GEMM_LANES % 16 == 0)
                        __builtin_prefetch(line + GEMM_AHEAD * GEMM_PANEL, 0, 2);
                }
            }
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                const float *one_at = in_place ? (const float *)((const char *)a + strides.by[i]) : a + i * 4;
                gemm_vec one = gemm_broadcast(one_at + u);
#pragma clang loop unroll(full)
                for (int v = 0; v < panels * GEMM_VECTORS; v++)
                    sum[i][v] = gemm_multiply_add(sum[i][v], one, column[v]);
            }
            b += GEMM_PANEL;
        }
        a += in_place ? 4 : rows * 4;
    }
#pragma clang loop unroll(full)
    for (int p = 0; p < panels; p++)
        gemm_finish(rows, p, sum, t);
}

#define GEMM_MICRO(r)                                                                                                  \
    static __attribute__((noinline)) void gemm_micro_##r(int64_t units, const float *a, const float *b, int64_t step,  \
                                                         const gemm_tile *t) {                                         \
        (void)step;                                                                                                    \
        gemm_micro(r, 1, 0, units, a, b, 0, t);                                                                        \
    }
GEMM_MICRO(1)
GEMM_MICRO(2)
GEMM_MICRO(3)
GEMM_MICRO(4)
GEMM_MICRO(5)
GEMM_MICRO(6)
#if GEMM_ROWS > 6
GEMM_MICRO(7)
GEMM_MICRO(8)
GEMM_MICRO(9)
GEMM_MICRO(10)
GEMM_MICRO(11)
GEMM_MICRO(12)
GEMM_MICRO(13)
GEMM_MICRO(14)
#endif

#define GEMM_MICRO_IN_PLACE(r)                                                                                         \
    static __attribute__((noinline)) void gemm_micro_in_place_##r(int64_t units, const float *a, const float *b,       \
                                                                  int64_t step, const gemm_tile *t) {                  \
        (void)step;                                                                                                    \
        gemm_micro(r, 1, 1, units, a, b, 0, t);                                                                        \
    }
GEMM_MICRO_IN_PLACE(1)
GEMM_MICRO_IN_PLACE(2)
GEMM_MICRO_IN_PLACE(3)
GEMM_MICRO_IN_PLACE(4)
GEMM_MICRO_IN_PLACE(5)
GEMM_MICRO_IN_PLACE(6)
#if GEMM_ROWS > 6
GEMM_MICRO_IN_PLACE(7)
GEMM_MICRO_IN_PLACE(8)
GEMM_MICRO_IN_PLACE(9)
GEMM_MICRO_IN_PLACE(10)
GEMM_MICRO_IN_PLACE(11)
GEMM_MICRO_IN_PLACE(12)
GEMM_MICRO_IN_PLACE(13)
GEMM_MICRO_IN_PLACE(14)
#endif

#define GEMM_MICRO_ABREAST(r)                                                                                          \
    static __attribute__((noinline)) void gemm_micro_abreast_##r(int64_t units, const float *a, const float *b,        \
                                                                 int64_t step, const gemm_tile *t) {                   \
        gemm_micro(r, GEMM_ABREAST, 0, units, a, b, step, t);                                                          \
    }
GEMM_MICRO_ABREAST(1)
#if GEMM_THIN > 1
GEMM_MICRO_ABREAST(2)
GEMM_MICRO_ABREAST(3)
#endif

typedef void gemm_kernel(int64_t units, const float *a, const float *b, int64_t step, const gemm_tile *t);

static gemm_kernel *const gemm_kernels_abreast[GEMM_THIN + 1] = {
    NULL,
    gemm_micro_abreast_1,
#if GEMM_THIN > 1
    gemm_micro_abreast_2,
    gemm_micro_abreast_3,
#endif
};

static gemm_kernel *const gemm_kernels[GEMM_ROWS + 1] = {
    NULL,         gemm_micro_1, gemm_micro_2, gemm_micro_3,  gemm_micro_4,  gemm_micro_5,  gemm_micro_6,
#if GEMM_ROWS > 6
    gemm_micro_7, gemm_micro_8, gemm_micro_9, gemm_micro_10, gemm_micro_11, gemm_micro_12, gemm_micro_13, gemm_micro_14,
#endif
};

static gemm_kernel *const gemm_kernels_in_place[GEMM_ROWS + 1] = {
    NULL,
    gemm_micro_in_place_1,
    gemm_micro_in_place_2,
    gemm_micro_in_place_3,
    gemm_micro_in_place_4,
    gemm_micro_in_place_5,
    gemm_micro_in_place_6,
#if GEMM_ROWS > 6
    gemm_micro_in_place_7,
    gemm_micro_in_place_8,
    gemm_micro_in_place_9,
    gemm_micro_in_place_10,
    gemm_micro_in_place_11,
    gemm_micro_in_place_12,
    gemm_micro_in_place_13,
    gemm_micro_in_place_14,
#endif
};

/* Whether A is read where it lies: few panels would not repay its packing, its rows are whole quads of units, and they
   are not so far apart that a line of each finds no room in the first cache. */
MG_INLINE int gemm_in_place(const gemm *g, int64_t panels) {
    return panels <= GEMM_IN_PLACE_PANELS && g->k <= GEMM_IN_PLACE_K * GEMM_UNIT && g->lda == g->k &&
           g->k == gemm_units(g->k) * GEMM_UNIT && (g->dtype == MG_F32) == (GEMM_UNIT == 1);
}

/* How many of the `panels` that are left `rows` rows take at a time. */
MG_INLINE int64_t gemm_abreast(int64_t rows, int64_t panels) {
    return rows <= GEMM_THIN && panels >= GEMM_ABREAST ? GEMM_ABREAST : 1;
}

/* Rows `r0 ..< r1` over units `u0 ..< u0 + units`, panels `p0 ..< p1`; the slivers are packed in `scratch`; NULL: A is
   read in place. */
static void gemm_block(const gemm *g, int64_t r0, int64_t r1, int64_t u0, int64_t units, int64_t all, int64_t p0,
                       int64_t p1, const uint32_t *scratch) {
    /* Slivers of equal height rather than a short last one. */
    int64_t slivers = (r1 - r0 + GEMM_ROWS - 1) / GEMM_ROWS;
    int64_t width = g->gated ? GEMM_PANEL / 2 : GEMM_PANEL;
    for (int64_t panel = p0, abreast; panel < p1; panel += abreast) {
        const float *b = g->packed + (panel * all + u0) * GEMM_PANEL;
        int64_t first = panel * width;
        abreast = scratch ? gemm_abreast(r1 - r0, p1 - panel) : 1;
        gemm_kernel *const *kernels = !scratch      ? gemm_kernels_in_place
                                      : abreast > 1 ? gemm_kernels_abreast
                                                    : gemm_kernels;
        gemm_tile tile = {.ldc = g->ldc,
                          .lda = g->lda / GEMM_UNIT,
                          .width = width,
                          .columns = g->n - first,
                          .lds = g->partial ? GEMM_PANEL : g->ldc,
                          .sum_step = g->partial ? (r1 - r0) * GEMM_PANEL : width,
                          .adds = u0 > 0,
                          .finishes = u0 + units >= all,
                          .bias = g->bias ? g->bias + first : NULL,
                          .activation = g->activation,
                          .gated = g->gated};
        for (int64_t s = 0; s < slivers; s++) {
            int64_t row = r0 + (r1 - r0) * s / slivers, next = r0 + (r1 - r0) * (s + 1) / slivers;
            tile.c = g->c + row * g->ldc + first;
            tile.sum = g->partial ? g->partial + (row - r0) * GEMM_PANEL : tile.c;
            tile.residual = g->residual ? g->residual + row * g->ldc + first : NULL;
            const float *a =
                scratch ? (const float *)scratch + (row - r0) * units : (const float *)g->a + row * tile.lda;
            kernels[next - row](units, a, b, all * GEMM_PANEL, &tile);
        }
    }
}

static void gemm_pack_rows(const gemm *g, int64_t r0, int64_t r1, int64_t u0, int64_t units, uint32_t *scratch) {
    int64_t slivers = (r1 - r0 + GEMM_ROWS - 1) / GEMM_ROWS;
    for (int64_t s = 0; s < slivers; s++) {
        int64_t row = r0 + (r1 - r0) * s / slivers, next = r0 + (r1 - r0) * (s + 1) / slivers;
        gemm_pack_sliver(g, row, (int)(next - row), u0, units, scratch + (row - r0) * units);
    }
}

/* Slivers of rows `r0 ..< r1` over all of K, block of K after block. */
static void gemm_pack_all(const gemm *g, int64_t r0, int64_t r1, uint32_t *scratch) {
    int64_t all = gemm_units(g->k), step = gemm_block_k(all);
    for (int64_t u = 0; u < all; u += step)
        gemm_pack_rows(g, r0, r1, u, gemm_min(step, all - u), scratch + u * (r1 - r0));
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
    int64_t blocks = (r1 - r0 + gemm_block_rows(step) - 1) / gemm_block_rows(step);
    for (int64_t u = 0; u < all; u += step) {
        int64_t units = gemm_min(step, all - u);
        for (int64_t block = 0; block < blocks; block++) { /* of equal height */
            int64_t row = r0 + (r1 - r0) * block / blocks, end = r0 + (r1 - r0) * (block + 1) / blocks;
            gemm_pack_rows(g, row, end, u, units, scratch);
            gemm_block(g, row, end, u, units, all, p0, p1, scratch);
        }
    }
}

/* This worker's rectangle of C: the side that divides more evenly is split, columns if both do. */
static inline void gemm_share(const mg_work *work, int64_t m, int64_t n, int64_t *r0, int64_t *r1, int64_t *p0,
                              int64_t *p1) {
    int64_t slivers = (m + GEMM_ROWS - 1) / GEMM_ROWS, panels = gemm_panels(n), count = work->count;
    int64_t most_slivers = (slivers + count - 1) / count * panels;
    int64_t most_panels = (panels + count - 1) / count * slivers;
    *r0 = 0, *r1 = m, *p0 = 0, *p1 = panels;
    if (most_panels <= most_slivers) {
        mg_work_range(work, panels, 1, p0, p1);
    } else {
        mg_work_range(work, m, GEMM_ROWS, r0, r1);
    }
}
