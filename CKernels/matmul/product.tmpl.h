/* The ways to run gemm.tmpl.h as a matmul; include after it, in the same target region.

   packed    B laid out once beforehand, as weights are; then the product, then a pass over C for the epilogue
   fused     packed, with bias, activation and residual applied while the tile is in registers

   contract.tmpl.h has the third, with B as it comes. */
#include "mg_matmul.h"

static inline size_t product_packed_bytes(const void *arguments) {
    const mg_matmul *p = arguments;
    return gemm_packed_bytes(p->n, p->k);
}

static inline void product_pack(const void *arguments, void *packed) {
    const mg_matmul *p = arguments;
    gemm_pack(p->b, p->dtype, p->transposed_b, p->n, p->k, 0, gemm_panels(p->n), packed);
#ifdef GEMM_QUAD
    if (gemm_single(p->n))
        gemm_pack_quads(p->n, p->k, packed);
#endif
}

static inline size_t product_workspace_bytes(const void *arguments, int32_t workers) {
    const mg_matmul *p = arguments;
    return gemm_scratch_bytes(mg_tuning_of(&p->buffers), p->k) * (size_t)workers;
}

static inline gemm product_of(const mg_matmul *p, const float *packed) {
    return (gemm){.tuning = mg_tuning_of(&p->buffers),
                  .n = p->n,
                  .k = p->k,
                  .a = p->a,
                  .lda = p->k,
                  .dtype = p->dtype,
                  .packed = packed,
                  .c = p->c,
                  .ldc = p->n};
}

/* The plain way to an epilogue: what was written a moment ago is read again. */
static inline void product_epilogue(const mg_matmul *p, int64_t r0, int64_t r1, int64_t p0, int64_t p1) {
    if (!p->bias && !p->residual && p->activation == MG_IDENTITY)
        return;
    for (int64_t r = r0; r < r1; r++) {
        for (int64_t panel = p0; panel < p1; panel++) {
            int64_t first = panel * GEMM_PANEL;
            float *c = p->c + r * p->n + first;
            gemm_tile row = {.c = c,
                             .ldc = p->n,
                             .width = GEMM_PANEL,
                             .columns = p->n - first,
                             .bias = p->bias ? p->bias + first : NULL,
                             .residual = p->residual ? p->residual + r * p->n + first : NULL,
                             .activation = p->activation};
            float tile[GEMM_PANEL];
            memcpy(tile, c, (size_t)gemm_min(GEMM_PANEL, row.columns) * sizeof(float));
            gemm_epilogue(&row, 1, tile);
        }
    }
}

/* This worker's rectangle of C, and its scratch. */
static inline void product(const mg_matmul *p, const mg_work *work, const float *packed, char *scratch, int fused,
                           int single) {
    gemm g = product_of(p, packed);
    g.single = single;
    if (fused) {
        g.bias = p->bias;
        g.residual = p->residual;
        g.activation = p->activation;
    }
    int64_t r0, r1, p0, p1;
    gemm_share(work, p->m, p->n, gemm_units(p->k), &r0, &r1, &p0, &p1);
    gemm_run(&g, r0, r1, p0, p1, scratch + gemm_scratch_bytes(mg_tuning_of(&p->buffers), p->k) * (size_t)work->index);
    if (!fused)
        product_epilogue(p, r0, r1, p0, p1);
}

static inline void product_run_packed(const void *arguments, const mg_work *work) {
    const mg_matmul *p = arguments;
    product(p, work, p->buffers.packed, p->buffers.workspace, 0, gemm_single(p->n));
}

static inline void product_run_fused(const void *arguments, const mg_work *work) {
    const mg_matmul *p = arguments;
    product(p, work, p->buffers.packed, p->buffers.workspace, 1, gemm_single(p->n));
}
