/* Three passes over each row of n columns: the maximum; the exponentials, stored, and their sum; the division, as a
   multiplication by 1/Σ. Reads 3n and writes 2n values, and computes each exponential once. Rows that fit into the
   second-level cache pay memory for one read and one write only, which makes this the fastest plain form there.
   Included by the file of each instruction set, inside its target region. */
#include "softmax_rows.h"

static void threepass_row(const mg_softmax *s, int64_t row) {
    const float *x = s->x + row * s->columns;
    float *out = s->out + row * s->columns;
    float sum = softmax_exp(x, out, s->columns, 1, softmax_max(x, s->columns));
    softmax_scale(out, s->columns, softmax_inverse(sum));
}

static void threepass(const void *arguments, const mg_work *work) { softmax_plain(arguments, work, threepass_row); }
