/* What a BLAS call promises: B comes as it is, in every call. Include after product.tmpl.h, in the same target region.

   Each worker takes columns and packs what it reads of them while it multiplies (gemm_lying.tmpl.h). Where A is small
   enough to be read in place, a worker packs what it reads beforehand, and for itself: another's panels would have to
   come from that one's cache, which takes longer. Where columns do not divide evenly, all workers pack B together
   first. */
#include "gemm_lying.tmpl.h"

/* Whether every worker has room for all of B. */
static inline int contract_packs_alone(const mg_matmul *p) {
    gemm g = product_of(p, NULL);
    return p->m > GEMM_THIN && p->k > 0 && gemm_in_place(&g, gemm_panels(p->n));
}

static inline size_t product_contract_workspace_bytes(const void *arguments, int32_t workers) {
    size_t packs = contract_packs_alone(arguments) ? (size_t)workers : 1;
    return packs * product_packed_bytes(arguments) + product_workspace_bytes(arguments, workers);
}

static inline void product_run_contract(const void *arguments, const mg_work *work) {
    const mg_matmul *p = arguments;
    const size_t packed_bytes = product_packed_bytes(p);
    int64_t panels = gemm_panels(p->n), units = gemm_units(p->k), from, to;
    if (contract_packs_alone(p)) {
        char *packed = (char *)p->buffers.workspace + packed_bytes * (size_t)work->index;
        int64_t r0, r1;
        gemm_share(work, p->m, p->n, units, &r0, &r1, &from, &to);
        gemm_pack(p->b, p->dtype, p->transposed_b, p->n, p->k, from, to, (float *)packed);
        product(p, work, (float *)packed, (char *)p->buffers.workspace + packed_bytes * (size_t)work->count, 0, 0);
        return;
    }
    float *packed = p->buffers.workspace;
    char *scratch = (char *)packed + packed_bytes;
    gemm g = product_of(p, packed);
    int columns = panels >= 8 * work->count || gemm_by_columns(p->m, p->n, units, work->count);
    mg_work_range(work, panels, 1, &from, &to);
    if (units > 0 && columns) {
        gemm_run_lying(&g, p->b, p->transposed_b, 0, p->m, from, to, packed + from * units * GEMM_PANEL,
                       scratch + gemm_scratch_bytes(g.tuning, p->k) * (size_t)work->index);
        product_epilogue(p, 0, p->m, from, to);
        return;
    }
    gemm_pack(p->b, p->dtype, p->transposed_b, p->n, p->k, from, to, packed);
    mg_work_wait(work); /* a worker multiplies with panels that others have packed */
    product(p, work, packed, scratch, 0, 0);
}
