extension KernelTemplate {
    static let attention =
        #"""
        /* NAME: an attention of your own. It is right as it stands, and slow; mg_attention.h has the formula. */
        #include <math.h>
        #include <string.h>

        #include "mg_attention.h"
        #include "mg_plugin.h"
        """# + element
            + #"""


            /* How many keys, the first ones, a query sees. */
            static int64_t visible(const mg_attention *p, int64_t query) {
                if (!p->causal) return p->keys;
                int64_t count = query + p->keys - p->queries + 1;
                return count < 0 ? 0 : count < p->keys ? count : p->keys;
            }

            /* One query of one head: `weights` has room for a value for every key. */
            static void query_row(const mg_attention *p, int64_t head, int64_t query, double *weights) {
                int64_t seen = visible(p, query), row = (head * p->queries + query) * p->dim;
                int64_t cache = head / (p->heads / p->kv_heads) * p->keys * p->dim; /* the heads of a group share one */
                double highest = -INFINITY, sum = 0;
                for (int64_t key = 0; key < seen; key++) {
                    double score = 0;
                    for (int64_t d = 0; d < p->dim; d++)
                        score += element(p->q, p->dtype, row + d) * element(p->k, p->dtype, cache + key * p->dim + d);
                    weights[key] = score * p->scale;
                    if (weights[key] > highest) highest = weights[key];
                }
                /* A row of nothing but -inf is 0; -inf - -inf would be NaN. A NaN is never higher, and reaches the sum. */
                if (highest == -INFINITY) highest = 0;
                for (int64_t key = 0; key < seen; key++) sum += weights[key] = exp(weights[key] - highest);
                for (int64_t d = 0; d < p->dim; d++) {
                    double mean = 0;
                    for (int64_t key = 0; key < seen; key++)
                        mean += weights[key] * element(p->v, p->dtype, cache + key * p->dim + d);
                    p->o[row + d] = sum == 0 ? 0 : (float)(mean / sum);
                }
            }

            /* A kernel allocates nothing: this is what it asks for, for all workers together. */
            static size_t scratch(const void *arguments, int32_t workers) {
                const mg_attention *p = arguments;
                return (size_t)workers * (size_t)p->keys * sizeof(double);
            }

            /* Every worker of the team calls this with the same arguments, and takes its part of the queries of all heads. */
            static void run(const void *arguments, const mg_work *work) {
                const mg_attention *p = arguments;
                double *weights = (double *)p->buffers.workspace + work->index * p->keys;
                int64_t from, to;
                mg_work_range(work, p->heads * p->queries, 1, &from, &to);
                for (int64_t row = from; row < to; row++) query_row(p, row / p->queries, row % p->queries, weights);
            }
            """# + table("attention", scratch: "scratch")
}
