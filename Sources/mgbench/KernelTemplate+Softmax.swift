extension KernelTemplate {
    static let softmax =
        #"""
        /* NAME: a softmax of your own. It is right as it stands, and slow; mg_softmax.h has the formula and its corners. */
        #include <math.h>

        #include "mg_plugin.h"
        #include "mg_softmax.h"

        /* How many columns, the first ones, a row sees. */
        static int64_t visible(const mg_softmax *problem, int64_t row) {
            if (!problem->causal) return problem->columns;
            int64_t count = row % problem->queries + problem->columns - problem->queries + 1;
            return count < 0 ? 0 : count;
        }

        static void softmax_row(const float *x, float *out, int64_t seen, int64_t columns, double scale) {
            double highest = -INFINITY, sum = 0;
            for (int64_t c = 0; c < seen; c++)
                if (scale * x[c] > highest) highest = scale * x[c];
            /* A row of nothing but -inf is 0; -inf - -inf would be NaN. A NaN is never higher, and reaches the sum. */
            if (highest == -INFINITY) highest = 0;
            for (int64_t c = 0; c < seen; c++) sum += exp(scale * x[c] - highest);
            for (int64_t c = 0; c < columns; c++)
                out[c] = c < seen && sum != 0 ? (float)(exp(scale * x[c] - highest) / sum) : 0;
        }

        /* Every worker of the team calls this with the same arguments, and takes its part of the rows. */
        static void run(const void *arguments, const mg_work *work) {
            const mg_softmax *problem = arguments;
            int64_t from, to;
            mg_work_range(work, problem->rows, 1, &from, &to);
            for (int64_t row = from; row < to; row++)
                softmax_row(problem->x + row * problem->columns, problem->out + row * problem->columns,
                            visible(problem, row), problem->columns, problem->scale);
        }
        """# + table("softmax")
}
