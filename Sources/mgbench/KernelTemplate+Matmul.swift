extension KernelTemplate {
    static let matmul =
        #"""
        /* NAME: a matrix product of your own. It is right as it stands, and slow; mg_matmul.h has the formula. */
        #include <math.h>
        #include <string.h>

        #include "mg_matmul.h"
        #include "mg_plugin.h"
        """# + element + activate
            + #"""


            enum { BLOCK = 64 };

            /* Columns `from ..< to` of row i of C, at most BLOCK: a row of B at a time, so that its values are read in order. */
            static void product(const mg_matmul *p, int64_t i, int64_t from, int64_t to) {
                double sums[BLOCK];
                for (int64_t j = from; j < to; j++) sums[j - from] = p->bias ? p->bias[j] : 0;
                for (int64_t l = 0; l < p->k; l++) {
                    double a = element(p->a, p->dtype, i * p->k + l);
                    for (int64_t j = from; j < to; j++)
                        sums[j - from] += a * element(p->b, p->dtype, p->transposed_b ? j * p->k + l : l * p->n + j);
                }
                for (int64_t j = from; j < to; j++) {
                    double residual = p->residual ? p->residual[i * p->n + j] : 0;
                    p->c[i * p->n + j] = (float)(activate(p->activation, sums[j - from]) + residual);
                }
            }

            /* Every worker of the team calls this with the same arguments, and takes its part of the columns of C: there are
               many of them even where there is one row. */
            static void run(const void *arguments, const mg_work *work) {
                const mg_matmul *p = arguments;
                int64_t from, to;
                mg_work_range(work, p->n, 1, &from, &to);
                for (int64_t i = 0; i < p->m; i++)
                    for (int64_t j = from; j < to; j += BLOCK) product(p, i, j, j + BLOCK < to ? j + BLOCK : to);
            }
            """# + table("matmul")
}
