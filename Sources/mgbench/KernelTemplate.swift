/// The files that `mgbench new-kernel` writes. `NAME` stands for the kernel's name.
enum KernelTemplate {
    static let all = ["softmax": softmax, "matmul": matmul, "norm": norm]

    static let makefile = #"""
        CFLAGS = -std=gnu17 -O3 -march=native -Wall -Wextra

        libNAME.so: NAME.c $(wildcard include/*.h)
        	$(CC) $(CFLAGS) -fPIC -shared -Iinclude -o $@ $< -lm

        clean:
        	rm -f libNAME.so

        .PHONY: clean

        """#

    /// The table at the end of each file.
    private static func table(_ family: String) -> String {
        #"""

        /* The table: one row for each variant. `needs` names CPU features (mg_cpu.h) without which a variant is skipped;
           `refuses`, `packed_bytes`, `pack` and `workspace_bytes` may be NULL and are described in mg_variant.h. */
        static const mg_variant simple = {
            .name = "simple", .kind = MG_SIMD, .needs = 0, .story = "the definition in C, sums in double", .run = run};
        static const mg_variant *const variants[] = {&simple};

        const mg_plugin *mgbench_plugin(void) {
            static const mg_plugin plugin = {.abi = MG_PLUGIN_ABI,
                                             .count = (int32_t)(sizeof variants / sizeof *variants),
                                             .family = "FAMILY",
                                             .argument_bytes = sizeof(mg_FAMILY),
                                             .variants = variants};
            return &plugin;
        }

        """#.replacing("FAMILY", with: family)
    }

    private static let softmax =
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

    private static let matmul =
        #"""
        /* NAME: a matrix product of your own. It is right as it stands, and slow; mg_matmul.h has the formula. */
        #include <math.h>
        #include <string.h>

        #include "mg_matmul.h"
        #include "mg_plugin.h"

        /* Element `index` of A or B: an f32, or a bf16, which is the upper half of one. */
        static double element(const void *matrix, mg_dtype dtype, int64_t index) {
            if (dtype == MG_F32) return ((const float *)matrix)[index];
            uint32_t bits = (uint32_t)((const uint16_t *)matrix)[index] << 16;
            float value;
            memcpy(&value, &bits, sizeof value);
            return value;
        }

        static double activate(mg_activation activation, double x) {
            switch (activation) {
            case MG_GELU_ERF: return x / 2 * (1 + erf(x / sqrt(2)));
            case MG_GELU_TANH: return x / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
            case MG_SILU: return x / (1 + exp(-x));
            default: return x;
            }
        }

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

    private static let norm =
        #"""
        /* NAME: LayerNorm and RMSNorm of your own. Right as it stands, and slow; mg_norm.h has the formulas. */
        #include <math.h>

        #include "mg_norm.h"
        #include "mg_plugin.h"

        /* s, the value that is normalised: x, or x + residual. */
        static double value(const mg_norm *p, int64_t index) {
            return p->residual ? (double)p->x[index] + p->residual[index] : p->x[index];
        }

        static void norm_row(const mg_norm *p, int64_t first) {
            int64_t n = p->columns;
            double mean = 0, variance = 0;
            if (p->kind == MG_LAYER_NORM)
                for (int64_t c = 0; c < n; c++) mean += value(p, first + c) / (double)n;
            for (int64_t c = 0; c < n; c++) {
                double difference = value(p, first + c) - mean;
                variance += difference * difference / (double)n;
            }
            double scale = 1 / sqrt(variance + p->epsilon);
            for (int64_t c = 0; c < n; c++) {
                double s = value(p, first + c);
                p->out[first + c] = (float)((s - mean) * scale * p->gamma[c] + (p->beta ? p->beta[c] : 0));
                if (p->residual) p->sum[first + c] = (float)s;
            }
        }

        /* Every worker of the team calls this with the same arguments, and takes its part of the rows. */
        static void run(const void *arguments, const mg_work *work) {
            const mg_norm *p = arguments;
            int64_t from, to;
            mg_work_range(work, p->rows, 1, &from, &to);
            for (int64_t row = from; row < to; row++) norm_row(p, row * p->columns);
        }
        """# + table("norm")
}
