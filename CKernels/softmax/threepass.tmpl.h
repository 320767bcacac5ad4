/* Three passes over each row of n columns: the maximum; the exponentials, stored, and their sum; the division, as a
   multiplication by 1/Σ. Reads 3n and writes 2n values, and computes each exponential once. Rows that fit into the
   second-level cache pay memory for one read and one write only, which makes this the fastest plain form there.
   Included by the file of each instruction set, inside its target region, after functions/<isa>.h. */
#include "softmax_plain.tmpl.h"

static void threepass_block(const mg_softmax *s, int64_t row, int64_t rows) {
    const int64_t n = s->columns, ahead = row + 2 * rows <= s->rows ? rows * n : 0;
    const float *x = s->x + row * n;
    float *out = s->out + row * n, max[SOFTMAX_BLOCK], sum[SOFTMAX_BLOCK];
    for (int64_t r = 0; r < rows; r++)
        max[r] = softmax_max(x + r * n, n);
    for (int64_t r = 0; r < rows; r++)
        sum[r] = softmax_exp(SOFTMAX_EXP, x + r * n, out + r * n, n, 1, max[r], ahead);
    for (int64_t r = 0; r < rows; r++)
        softmax_scale(out + r * n, out + r * n, n, softmax_inverse(sum[r]));
}

static void threepass(const void *arguments, const mg_work *work) { softmax_plain(arguments, work, threepass_block); }
