/* As twopass, with the residual added while the row is read for its mean: the sum is stored for the next block, and
   read again from the first-level cache only. Memory moves 2 reads and 2 writes a value instead of 3 and 2.
   Included by the file of each instruction set, inside its target region, after vectors/<isa>.h. */
#include "norm_rows.tmpl.h"

static void fused(const void *arguments, const mg_work *work) {
    const mg_norm *a = arguments;
    int64_t from, to;
    mg_work_range(work, a->rows, 2, &from, &to);
    if (a->residual)
        norm_rows(a, a->x, 1, from, to);
    else
        norm_rows(a, a->x, 0, from, to);
}
