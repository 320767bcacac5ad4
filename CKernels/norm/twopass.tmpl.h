/* The residual is added in a pass of its own over all rows, then each row is normalised: mean and variance in two
   passes over it, and a third that writes. A row comes from memory once and from the first-level cache after that;
   with a residual, the sum is written and read back besides. Without one this is what the fused variant does.
   Included by the file of each instruction set, inside its target region, after vectors/<isa>.h. */
#include "norm_rows.tmpl.h"

static void twopass(const void *arguments, const mg_work *work) {
    const mg_norm *a = arguments;
    int64_t from, to;
    mg_work_range(work, a->rows, 2, &from, &to);
    if (a->residual) {
        int64_t i = from * a->columns, end = to * a->columns;
        for (; i + MG_LANES <= end; i += MG_LANES)
            mg_store(a->sum + i, mg_add(mg_load(a->x + i), mg_load(a->residual + i)));
        for (; i < end; i++)
            a->sum[i] = a->x[i] + a->residual[i];
    }
    norm_rows(a, a->residual ? a->sum : a->x, 0, from, to);
}
