/* What a BLAS call promises: B comes as it is, in every call. Include after product.h, in the same target region.

   Each worker takes columns and packs what it reads of them while it multiplies (gemm_lying.h). Where columns do not
   divide evenly, or A is small enough to be read in place, all workers pack B together first. */
#include "gemm_lying.h"

static inline size_t product_contract_workspace_bytes(const void *arguments, int32_t workers) {
    return product_packed_bytes(arguments) + product_workspace_bytes(arguments, workers);
}

static inline void product_run_contract(const void *arguments, const mg_work *work) {
    const mg_matmul *p = arguments;
    float *packed = p->buffers.workspace;
    char *scratch = (char *)packed + product_packed_bytes(p);
    gemm g = product_of(p, packed);
    int64_t panels = gemm_panels(p->n), units = gemm_units(p->k), from, to;
    int columns = panels >= 8 * work->count || gemm_by_columns(p->m, p->n, work->count);
    mg_work_range(work, panels, 1, &from, &to);
    if (units > 0 && columns && !(p->m > GEMM_THIN && gemm_in_place(&g, panels))) {
        gemm_run_lying(&g, p->b, p->transposed_b, 0, p->m, from, to, packed + from * units * GEMM_PANEL,
                       scratch + gemm_scratch_bytes(p->k) * (size_t)work->index);
        product_epilogue(p, 0, p->m, from, to);
        return;
    }
    gemm_pack(p->b, p->dtype, p->transposed_b, p->n, p->k, from, to, packed);
    mg_work_wait(work); /* a worker multiplies with panels that others have packed */
    product(p, work, packed, scratch, 0);
}
