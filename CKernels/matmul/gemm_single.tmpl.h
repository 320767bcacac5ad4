/* The last column of C where it is the only one of its vector: 33 columns are two vectors and one value, for which a
   vector's multiply-adds would do a sixteenth of their work. Its lanes are four units of K instead, as they lie in a
   sliver and in A in place; four sums a row, of every fourth unit, come together at the end.

   That is another order of the sum than the other columns have. It is the same whatever the rows beside it and whoever
   computes it: a product of few columns packed beforehand always goes this way. Included by gemm.tmpl.h. */

/* Whether the last of `n` columns goes alone. Not beside panels that few rows take abreast, nor where B is not packed
   beforehand (contract.tmpl.h): there it would have to go this way at times only. */
MG_INLINE int gemm_single(int64_t n) {
#ifdef GEMM_QUAD
    return n % MG_LANES == 1 && gemm_panels(n) < GEMM_ABREAST;
#else
    (void)n;
    return 0;
#endif
}

#ifdef GEMM_QUAD
/* Where the quads of the last column lie: behind it in the rows of its panel whose number is a multiple of four. */
enum { GEMM_QUAD_AT = 4 };

/* Lays them out in a packed B. */
static inline void gemm_pack_quads(int64_t n, int64_t k, float *packed) {
    int64_t units = gemm_units(k), last = n - 1;
    float *column = packed + last / GEMM_PANEL * units * GEMM_PANEL + last % GEMM_PANEL;
    for (int64_t u = 0; u < units; u += 4, column += 4 * GEMM_PANEL)
        for (int64_t i = 0; i < 4; i++)
            memcpy(column + GEMM_QUAD_AT + i, column + i * GEMM_PANEL, 4);
}

MG_INLINE void gemm_micro_single_of(const int rows, const int in_place, int64_t units, const float *a, const float *b,
                                    const gemm_tile *t) {
    gemm_quad quads[GEMM_ROWS];
    gemm_strides by = {t->lda, t->lda * 3, t->lda * 5, t->lda * 7};
    b += GEMM_QUAD_AT;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        quads[i] = gemm_quad_zero();
    for (int64_t q = 0; q < units; q += 4, b += 4 * GEMM_PANEL) {
        const char *seventh = (const char *)a + by.seven;
        if (in_place)
            __asm__("" : "+r"(a), "+r"(seventh), "+r"(by.one), "+r"(by.three), "+r"(by.five));
        gemm_quad column = gemm_quad_load(b);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            const float *at = in_place ? gemm_row_in_place((const char *)a, seventh, &by, i) : a + i * 4;
            quads[i] = gemm_quad_multiply_add(quads[i], gemm_quad_load(at), column);
        }
        a += in_place ? 4 : rows * 4;
    }
    if (in_place && __builtin_expect(t->rest + t->odd, 0)) {
        /* What is left of K, and zeros up to a quad, as a sliver has them. */
        gemm_quad column = gemm_quad_load(b);
        int64_t bytes = t->rest * 4 + (t->odd ? 2 : 0);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            const float *at = gemm_row_in_place((const char *)a, (const char *)a + by.seven, &by, i);
            quads[i] = gemm_quad_multiply_add(quads[i], gemm_quad_load_part(at, bytes), column);
        }
    }
    float total[GEMM_ROWS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        total[i] = gemm_quad_sum(quads[i]);
        if (t->adds)
            total[i] += t->sum[i * t->lds];
    }
    if (t->finishes && (t->bias || t->residual || t->activation != MG_IDENTITY)) {
        float tile[GEMM_ROWS * GEMM_PANEL];
        for (int i = 0; i < rows; i++)
            mg_store(tile + i * GEMM_PANEL, mg_load_left(total + i, 1));
        gemm_epilogue(t, rows, tile);
        return;
    }
    float *out = t->finishes ? t->c : t->sum;
    int64_t stride = t->finishes ? t->ldc : t->lds;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
        out[i * stride] = total[i];
}

#define GEMM_MICRO_SINGLE_SLIVER(r) GEMM_MICRO_PART(gemm_micro_single_, gemm_micro_single_of, r, 0)
#define GEMM_MICRO_SINGLE_IN_PLACE(r) GEMM_MICRO_PART(gemm_micro_single_in_place_, gemm_micro_single_of, r, 1)
GEMM_EACH(GEMM_MICRO_SINGLE_SLIVER)
GEMM_EACH(GEMM_MICRO_SINGLE_IN_PLACE)
#define GEMM_NAME_SINGLE(r) gemm_micro_single_##r,
#define GEMM_NAME_SINGLE_IN_PLACE(r) gemm_micro_single_in_place_##r,
static gemm_kernel *const gemm_kernels_single[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_SINGLE)};
static gemm_kernel *const gemm_kernels_single_in_place[GEMM_ROWS + 1] = {NULL, GEMM_EACH(GEMM_NAME_SINGLE_IN_PLACE)};
#endif
