extension KernelTemplate {
    static let norm =
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
