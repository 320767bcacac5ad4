/* Layouts of gemm.tmpl.h: panels of B, slivers of A, the block sizes, and the packing of both. Included by gemm.tmpl.h.

   A unit is what one lane multiplies at a time: one float, or two bf16 that a dot-product instruction adds up.
   Panels are [units of K, padded to 4][PANEL], zeros behind the last column and row of B. Slivers are
   [units / 4][rows][4], so that packing moves sixteen bytes at a time. */
#include <stdint.h>
#include <string.h>

#include "mg_variant.h"

enum {
    GEMM_PANEL = MG_LANES * GEMM_VECTORS,
    GEMM_BLOCK_K = MG_LANES == 16 ? 2048 : 1024, /* small tiles read panels more often */
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

/* One product, for any range of its rows and panels. */
typedef struct gemm {
    const mg_tuning *tuning;
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
    /* The last column is packed as quads as well, and goes alone (gemm_single.tmpl.h). */
    int single;
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

/* Floats of a block of A. */
MG_INLINE int64_t gemm_block_a(const mg_tuning *tuning) { return tuning->block_a_bytes / (int64_t)sizeof(float); }

/* Rows of a block of A over `step` units of K, whole slivers. */
MG_INLINE int64_t gemm_block_rows(const mg_tuning *tuning, int64_t step) {
    int64_t slivers = gemm_block_a(tuning) / (step * GEMM_ROWS);
    return (slivers > 0 ? slivers : 1) * GEMM_ROWS;
}

/* Scratch of one worker: slivers of a block of rows, or of the few rows of a skinny product over all of K. */
MG_INLINE size_t gemm_scratch_bytes(const mg_tuning *tuning, int64_t k) {
    int64_t skinny = GEMM_ROWS * gemm_units(k), block = gemm_block_a(tuning);
    return (size_t)(block > skinny ? block : skinny) * sizeof(float);
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

/* Four units of four columns, `column` bytes apart, become four units across. */
MG_INLINE void gemm_pack_square(const char *b, size_t column, uint32_t *out) {
    typedef uint32_t quad __attribute__((vector_size(16)));
    quad x[4];
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; j++)
        memcpy(&x[j], b + (size_t)j * column, 16);
    quad low = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5), high = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    quad low2 = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5),
         high2 = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
    quad y[4] = {__builtin_shufflevector(low, low2, 0, 1, 4, 5), __builtin_shufflevector(low, low2, 2, 3, 6, 7),
                 __builtin_shufflevector(high, high2, 0, 1, 4, 5), __builtin_shufflevector(high, high2, 2, 3, 6, 7)};
#pragma clang loop unroll(full)
    for (int u = 0; u < 4; u++)
        memcpy(out + u * GEMM_PANEL, &y[u], 16);
}

/* The same for B transposed, [n][k]: a line of every column at a time, by squares of four where both are whole. */
static void gemm_pack_transposed(const void *b, mg_dtype dtype, int64_t k, int64_t first, int64_t columns, int64_t from,
                                 int64_t to, uint32_t *out) {
    size_t column = (size_t)k * (dtype == MG_BF16 ? 2 : 4);
    const char *top = (const char *)b + (size_t)first * column;
    int squares = dtype == MG_F32 || GEMM_UNIT == 2; /* the bits of a unit are those of B */
    int64_t whole = squares ? k / GEMM_UNIT / 4 * 4 : 0, even = columns / 4 * 4;
    for (int64_t block = from; block < to; block += 16) {
        int64_t end = gemm_min(to, block + 16), quads = gemm_min(end, whole);
        for (int64_t j = 0; j < columns; j += 4) {
            int64_t u = block;
            if (j < even) {
                for (int64_t i = 0; i < 4; i++)
                    __builtin_prefetch(top + (size_t)(j + i) * column + (size_t)(block + 48) * 4);
                for (; u < quads; u += 4)
                    gemm_pack_square(top + (size_t)j * column + (size_t)u * 4, column,
                                     out + (u - from) * GEMM_PANEL + j);
            }
            for (; u < end; u++)
                for (int64_t i = j; i < gemm_min(columns, j + 4); i++)
                    out[(u - from) * GEMM_PANEL + i] = gemm_unit(top + (size_t)i * column, 1, dtype, u, k);
        }
    }
}

/* Units `from ..< to` (from: whole quads) of columns `first ..< first + columns` of B, [k][n] or [n][k] if transposed,
   laid out in a panel at `out`. */
static void gemm_pack_columns(const void *b, mg_dtype dtype, int transposed, int64_t n, int64_t k, int64_t first,
                              int64_t columns, int64_t from, int64_t to, uint32_t *out) {
    if (transposed) {
        gemm_pack_transposed(b, dtype, k, first, columns, from, to, out);
        return;
    }
    size_t size = dtype == MG_BF16 ? 2 : 4;
    const char *row = (const char *)b + (size_t)first * size;
    for (int64_t u = from; u < to; u++, out += GEMM_PANEL) {
        if (dtype == MG_F32 && u < k && columns == GEMM_PANEL) {
            const char *ahead = row + (size_t)((u + 64) * n) * 4; /* rows lie in as many pages */
            for (int line = 0; line < GEMM_PANEL; line += 16)
                __builtin_prefetch(ahead + line * 4, 0, 2);
            __builtin_prefetch(ahead + GEMM_PANEL * 4 - 4, 0, 2);
            for (int v = 0; v < GEMM_PANEL; v += MG_LANES)
                mg_store((float *)out + v, mg_load((const float *)row + u * n + v));
        } else if (dtype == MG_F32 && u < k) {
            for (int64_t v = 0; v < columns; v += MG_LANES)
                mg_store((float *)out + v, mg_load_left((const float *)row + u * n + v, columns - v));
        } else {
            for (int64_t j = 0; j < columns; j++)
                out[j] = gemm_unit(row + (size_t)j * size, n, dtype, u, k);
        }
    }
}

/* The same for a whole panel, with zeros behind the last column. */
static void gemm_pack_panel(const void *b, mg_dtype dtype, int transposed, int64_t n, int64_t k, int64_t panel,
                            int64_t from, int64_t to, uint32_t *out) {
    int64_t first = panel * GEMM_PANEL, columns = gemm_min(GEMM_PANEL, n - first);
    if (columns < GEMM_PANEL)
        memset(out, 0, (size_t)((to - from) * GEMM_PANEL) * 4);
    gemm_pack_columns(b, dtype, transposed, n, k, first, columns, from, to, out);
}

/* Lays out panels `from ..< to` of B. */
static inline void gemm_pack(const void *b, mg_dtype dtype, int transposed, int64_t n, int64_t k, int64_t from,
                             int64_t to, float *packed) {
    int64_t units = gemm_units(k);
    for (int64_t panel = from; panel < to; panel++)
        gemm_pack_panel(b, dtype, transposed, n, k, panel, 0, units, (uint32_t *)packed + panel * units * GEMM_PANEL);
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
