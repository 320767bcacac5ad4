extension KernelTemplate {
    static let elementwise =
        #"""
        /* NAME: an elementwise function of your own. Right as it stands, and slow; mg_elementwise.h has the formulas. */
        #include <math.h>

        #include "mg_elementwise.h"
        #include "mg_plugin.h"

        static double apply(mg_function function, double x) {
            switch (function) {
            case MG_FUNCTION_EXP: return exp(x);
            case MG_FUNCTION_TANH: return tanh(x);
            case MG_FUNCTION_GELU: return x / 2 * (1 + erf(x / sqrt(2)));
            case MG_FUNCTION_GELU_TANH: return x / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
            case MG_FUNCTION_SILU: return x / (1 + exp(-x));
            case MG_FUNCTION_GELU_SIGMOID: return x / (1 + exp(-1.702 * x));
            }
            return NAN;
        }

        /* Every worker of the team calls this with the same arguments, and takes its part of the values. */
        static void run(const void *arguments, const mg_work *work) {
            const mg_elementwise *p = arguments;
            int64_t from, to;
            mg_work_range(work, p->count, 1, &from, &to);
            for (int64_t i = from; i < to; i++) p->out[i] = (float)apply(p->function, p->x[i]);
        }
        """# + table("elementwise")
}
