/* A where it lies, under the tiles of gemm_tile.tmpl.h: where its rows begin, and what is left of K beyond whole quads.
   Included by gemm_tile.tmpl.h. */
/* Where row `i` of A in place begins, `a` being the first: an address has room for a base and once, twice or four times
   another register, so that bytes to the first, third, fifth and seventh row reach them all. */
typedef struct gemm_strides {
    int64_t one, three, five, seven;
} gemm_strides;

MG_INLINE const float *gemm_row_in_place(const char *a, const char *seventh, const gemm_strides *by, int i) {
    const char *base = i >= 7 ? seventh : a;
    switch (i % 7) {
    case 0:
        return (const float *)base;
    case 3:
        return (const float *)(base + by->three);
    case 5:
        return (const float *)(base + by->five);
    case 6:
        return (const float *)(base + 2 * by->three);
    default:
        return (const float *)(base + i % 7 * by->one);
    }
}

/* One unit of A in place; of a bf16 K's odd end only the first half exists. */
MG_INLINE void gemm_unit_in_place(const int rows, const int vectors, const int odd, gemm_sums sum, const float *a,
                                  const float *b, const gemm_strides *by) {
    mg_lanes column[GEMM_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
        column[v] = mg_load(b + v * MG_LANES);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        const float *at = gemm_row_in_place((const char *)a, (const char *)a + by->seven, by, i);
#if GEMM_UNIT == 2
        mg_lanes one = odd ? gemm_broadcast_half(at) : mg_broadcast(at);
#else
        mg_lanes one = mg_broadcast(at);
#endif
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sum[i][v] = gemm_multiply_add(sum[i][v], one, column[v]);
    }
}

/* The units of A in place that make no whole quad. Slivers have zeros up to a whole one, which leave a sum as it is but
   for the sign of a zero; so does the last line. */
MG_INLINE void gemm_rest_in_place(const int rows, const int vectors, gemm_sums sum, const float *a, const float *b,
                                  const gemm_tile *t) {
    const gemm_strides by = {t->lda, t->lda * 3, t->lda * 5, t->lda * 7};
    for (int64_t u = 0; u < t->rest; u++, a++, b += GEMM_PANEL)
        gemm_unit_in_place(rows, vectors, 0, sum, a, b, &by);
    if (GEMM_UNIT == 2 && t->odd)
        gemm_unit_in_place(rows, vectors, 1, sum, a, b, &by);
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            sum[i][v] = mg_add(sum[i][v], mg_zero());
}
