/* The tile of gemm.tmpl.h: a rectangle of C in registers over one block of K, and what becomes of its sums. Included by
   gemm.tmpl.h, after gemm_packing.tmpl.h. */
/* Where a tile of C lies, and what happens to it besides the sum. */
typedef struct gemm_tile {
    float *c;
    int64_t ldc;
    int64_t lda;                  /* bytes between rows of A, where it is read in place */
    int64_t rest;                 /* and its units beyond whole quads */
    int odd;                      /* and whether half a unit is left after those */
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
        for (int64_t at = 0; at < columns; at += MG_LANES) {
            int64_t left = columns - at;
            mg_lanes x = mg_load(tile + i * GEMM_PANEL + at);
            if (t->bias)
                x = mg_add(x, mg_load_left(t->bias + at, left));
            x = mg_activate(x, t->activation);
            if (t->gated)
                x = mg_mul(x, mg_load(tile + i * GEMM_PANEL + GEMM_PANEL / 2 + at));
            if (t->residual)
                x = mg_add(x, mg_load_left(t->residual + i * t->ldc + at, left));
            mg_store_left(t->c + i * t->ldc + at, x, left);
        }
    }
}

/* The registers of a tile: rows by vectors, the vectors of panels that go abreast side by side. */
typedef mg_lanes gemm_sums[GEMM_ROWS][GEMM_ABREAST * GEMM_VECTORS];

/* What becomes of the sums of one panel, the `panel`th of those abreast, of which `vectors` vectors are wanted. */
MG_INLINE void gemm_finish(const int rows, const int vectors, const int panel, gemm_sums sum, const gemm_tile *t) {
    const int at = panel * vectors;
    float *sums = t->sum + panel * t->sum_step;
    int64_t left = t->columns - panel * t->width; /* of C's columns, if they are where the sums wait */
    int64_t columns = t->sum_step == t->width ? gemm_min(left, GEMM_PANEL) : GEMM_PANEL;
    if (t->adds) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) {
                int64_t lane = v * MG_LANES;
                sum[i][at + v] = mg_add(mg_load_left(sums + i * t->lds + lane, columns - lane), sum[i][at + v]);
            }
        }
    }
    if (t->finishes && (t->bias || t->residual || t->gated || t->activation != MG_IDENTITY)) {
        float tile[GEMM_ROWS * GEMM_PANEL];
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                mg_store(tile + i * GEMM_PANEL + v * MG_LANES, sum[i][at + v]);
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
            for (int v = 0; v < vectors; v++)
                mg_store(out + i * stride + v * MG_LANES, sum[i][at + v]);
        }
    } else {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                mg_store_left(out + i * stride + v * MG_LANES, sum[i][at + v], columns - v * MG_LANES);
        }
    }
}

#include "gemm_in_place.tmpl.h"

/* A tile of `rows` rows and `vectors` vectors of each of `panels` panels, `step` floats apart, over one block of K.
   Rows, vectors and panels are constants at every call, so the accumulators are registers and every loop over them is
   unrolled.

   The lines of C lie in as many pages as there are rows, and are asked for before the sums begin; where A is in place
   and tiles are short, a row of C with every quad: the stores of such a tile's end wait for nothing else. */
MG_INLINE void gemm_micro(const int rows, const int vectors, const int panels, const int in_place, int64_t units,
                          const float *a, const float *b, int64_t step, const gemm_tile *t) {
    gemm_sums sum;
    gemm_strides by = {t->lda, t->lda * 3, t->lda * 5, t->lda * 7};
    const char *line = (const char *)(t->finishes ? t->c : t->sum); /* of C, to be asked for */
    int64_t next = (t->finishes ? t->ldc : t->lds) * 4;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < panels * vectors; v++)
            sum[i][v] = mg_zero();
#pragma clang loop unroll(full)
        for (int at = 0; at < GEMM_PANEL * 4 && !in_place; at += 64)
            __builtin_prefetch(line + i * next + at, 1);
    }
    for (int64_t q = 0; q < units; q += 4) {
        const char *seventh = (const char *)a + by.seven;
        if (in_place) {
            /* Kept from the compiler, which otherwise holds a pointer to every row, most of them in memory. */
            __asm__("" : "+r"(a), "+r"(seventh), "+r"(by.one), "+r"(by.three), "+r"(by.five));
#pragma clang loop unroll(full)
            for (int at = 0; at < GEMM_PANEL * 4; at += 64)
                __builtin_prefetch(line + at, 1);
            line += q / 4 + 1 < rows ? next : 0;
        }
#pragma clang loop unroll(full)
        for (int u = 0; u < 4; u++) {
            mg_lanes column[GEMM_ABREAST * GEMM_VECTORS];
#pragma clang loop unroll(full)
            for (int p = 0; p < panels; p++) {
#pragma clang loop unroll(full)
                for (int v = 0; v < vectors; v++) {
                    const float *at = b + p * step + v * MG_LANES;
                    column[p * vectors + v] = mg_load(at);
                    if (panels == 1 && !in_place && v * MG_LANES % 16 == 0)
                        __builtin_prefetch(at + GEMM_AHEAD * GEMM_PANEL, 0, 2);
                }
            }
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                const float *one_at = in_place ? gemm_row_in_place((const char *)a, seventh, &by, i) : a + i * 4;
                mg_lanes one = mg_broadcast(one_at + u);
#pragma clang loop unroll(full)
                for (int v = 0; v < panels * vectors; v++)
                    sum[i][v] = gemm_multiply_add(sum[i][v], one, column[v]);
            }
            b += GEMM_PANEL;
        }
        a += in_place ? 4 : rows * 4;
    }
    if (in_place && __builtin_expect(t->rest + t->odd, 0))
        gemm_rest_in_place(rows, vectors, sum, a, b, t);
#pragma clang loop unroll(full)
    for (int p = 0; p < panels; p++)
        gemm_finish(rows, vectors, p, sum, t);
}

#ifdef GEMM_NARROW
/* A tile of half a vector for the last columns: such a multiply-add takes half as long as a whole one. */
MG_INLINE void gemm_micro_narrow_of(const int rows, const int in_place, int64_t units, const float *a, const float *b,
                                    const gemm_tile *t) {
    gemm_narrow narrow[GEMM_ROWS];
    gemm_strides by = {t->lda, t->lda * 3, t->lda * 5, t->lda * 7};
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        narrow[i] = gemm_narrow_zero();
    for (int64_t q = 0; q < units; q += 4) {
        const char *seventh = (const char *)a + by.seven;
        if (in_place)
            __asm__("" : "+r"(a), "+r"(seventh), "+r"(by.one), "+r"(by.three), "+r"(by.five));
#pragma clang loop unroll(full)
        for (int u = 0; u < 4; u++, b += GEMM_PANEL) {
            gemm_narrow column = gemm_narrow_load(b);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                const float *one_at = in_place ? gemm_row_in_place((const char *)a, seventh, &by, i) : a + i * 4;
                narrow[i] = gemm_narrow_multiply_add(narrow[i], gemm_narrow_broadcast(one_at + u), column);
            }
        }
        a += in_place ? 4 : rows * 4;
    }
    gemm_sums sum;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        sum[i][0] = gemm_narrow_widened(narrow[i]);
    if (in_place && __builtin_expect(t->rest + t->odd, 0))
        gemm_rest_in_place(rows, 1, sum, a, b, t);
    gemm_finish(rows, 1, 0, sum, t);
}
#endif

typedef void gemm_kernel(int64_t units, const float *a, const float *b, int64_t step, const gemm_tile *t);

/* One compiled tile for every number of rows: of a sliver, of A in place, of panels abreast; and half a panel for the
   last columns, which fill it seldom. */
#if GEMM_ROWS > 6
#define GEMM_EACH(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14)
#else
#define GEMM_EACH(X) X(1) X(2) X(3) X(4) X(5) X(6)
#endif
#if GEMM_THIN > 1
#define GEMM_EACH_THIN(X) X(1) X(2) X(3)
#else
#define GEMM_EACH_THIN(X) X(1)
#endif

#define GEMM_MICRO(name, r, vectors, panels, in_place)                                                                 \
    static __attribute__((noinline)) void name##r(int64_t units, const float *a, const float *b, int64_t step,         \
                                                  const gemm_tile *t) {                                                \
        gemm_micro(r, vectors, panels, in_place, units, a, b, (panels) > 1 ? step : 0, t);                             \
    }
#define GEMM_MICRO_SLIVER(r) GEMM_MICRO(gemm_micro_, r, GEMM_VECTORS, 1, 0)
#define GEMM_MICRO_HALF(r) GEMM_MICRO(gemm_micro_half_, r, GEMM_VECTORS / 2, 1, 0)
#define GEMM_MICRO_IN_PLACE(r) GEMM_MICRO(gemm_micro_in_place_, r, GEMM_VECTORS, 1, 1)
#define GEMM_MICRO_HALF_IN_PLACE(r) GEMM_MICRO(gemm_micro_half_in_place_, r, GEMM_VECTORS / 2, 1, 1)
#define GEMM_MICRO_ABREAST(r) GEMM_MICRO(gemm_micro_abreast_, r, GEMM_VECTORS, GEMM_ABREAST, 0)
GEMM_EACH(GEMM_MICRO_SLIVER)
GEMM_EACH(GEMM_MICRO_IN_PLACE)
GEMM_EACH(GEMM_MICRO_HALF)
GEMM_EACH(GEMM_MICRO_HALF_IN_PLACE)
GEMM_EACH_THIN(GEMM_MICRO_ABREAST)
/* Tiles of part of a vector, of which there are never two abreast. */
#define GEMM_MICRO_PART(name, body, r, in_place)                                                                       \
    static __attribute__((noinline)) void name##r(int64_t units, const float *a, const float *b, int64_t step,         \
                                                  const gemm_tile *t) {                                                \
        (void)step;                                                                                                    \
        body(r, in_place, units, a, b, t);                                                                             \
    }
#ifdef GEMM_NARROW
#define GEMM_MICRO_NARROW_SLIVER(r) GEMM_MICRO_PART(gemm_micro_narrow_, gemm_micro_narrow_of, r, 0)
#define GEMM_MICRO_NARROW_IN_PLACE(r) GEMM_MICRO_PART(gemm_micro_narrow_in_place_, gemm_micro_narrow_of, r, 1)
GEMM_EACH(GEMM_MICRO_NARROW_SLIVER)
GEMM_EACH(GEMM_MICRO_NARROW_IN_PLACE)
#endif

#define GEMM_NAME_SLIVER(r) gemm_micro_##r,
#define GEMM_NAME_IN_PLACE(r) gemm_micro_in_place_##r,
#define GEMM_NAME_HALF(r) gemm_micro_half_##r,
#define GEMM_NAME_HALF_IN_PLACE(r) gemm_micro_half_in_place_##r,
#define GEMM_NAME_ABREAST(r) gemm_micro_abreast_##r,
static gemm_kernel *const gemm_kernels[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_SLIVER)};
static gemm_kernel *const gemm_kernels_in_place[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_IN_PLACE)};
static gemm_kernel *const gemm_kernels_half[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_HALF)};
static gemm_kernel *const gemm_kernels_half_in_place[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_HALF_IN_PLACE)};
static gemm_kernel *const gemm_kernels_abreast[GEMM_THIN + 1] = {NULL, GEMM_EACH_THIN(GEMM_NAME_ABREAST)};
#ifdef GEMM_NARROW
#define GEMM_NAME_NARROW(r) gemm_micro_narrow_##r,
#define GEMM_NAME_NARROW_IN_PLACE(r) gemm_micro_narrow_in_place_##r,
static gemm_kernel *const gemm_kernels_narrow[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_NARROW)};
static gemm_kernel *const gemm_kernels_narrow_in_place[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_NARROW_IN_PLACE)};
#endif
