extension KernelTemplate {
    static let ffn =
        #"""
        /* NAME: a feed-forward layer of your own. It is right as it stands, and slow; mg_ffn.h has the formulas. */
        #include <math.h>
        #include <string.h>

        #include "mg_ffn.h"
        #include "mg_plugin.h"
        """# + element + activate
            + #"""


            /* To the nearest bf16, of two the even one. */
            static double round_to_bf16(double x) {
                float value = (float)x;
                uint32_t bits;
                if (isnan(value)) return value;
                memcpy(&bits, &value, sizeof bits);
                bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
                memcpy(&value, &bits, sizeof value);
                return value;
            }

            /* One token through the layer: `hidden` has room for the values between the two products. */
            static void token_row(const mg_ffn *p, int64_t token, double *hidden) {
                for (int64_t h = 0; h < p->hidden; h++) {
                    double up = p->b_up ? p->b_up[h] : 0, gate = 0;
                    for (int64_t i = 0; i < p->model; i++) {
                        double x = element(p->x, p->dtype, token * p->model + i);
                        up += x * element(p->w_up, p->dtype, i * p->hidden + h);
                        if (p->w_gate) gate += x * element(p->w_gate, p->dtype, i * p->hidden + h);
                    }
                    hidden[h] = p->w_gate ? activate(p->activation, gate) * up : activate(p->activation, up);
                    if (p->dtype == MG_BF16) hidden[h] = round_to_bf16(hidden[h]);
                }
                for (int64_t i = 0; i < p->model; i++) {
                    double sum = p->b_down ? p->b_down[i] : 0;
                    for (int64_t h = 0; h < p->hidden; h++)
                        sum += hidden[h] * element(p->w_down, p->dtype, h * p->model + i);
                    p->out[token * p->model + i] = (float)sum;
                }
            }

            /* A kernel allocates nothing: this is what it asks for, for all workers together. */
            static size_t scratch(const void *arguments, int32_t workers) {
                const mg_ffn *p = arguments;
                return (size_t)workers * (size_t)p->hidden * sizeof(double);
            }

            /* Every worker of the team calls this with the same arguments, and takes its part of the tokens. */
            static void run(const void *arguments, const mg_work *work) {
                const mg_ffn *p = arguments;
                double *hidden = (double *)p->buffers.workspace + work->index * p->hidden;
                int64_t from, to;
                mg_work_range(work, p->tokens, 1, &from, &to);
                for (int64_t token = from; token < to; token++) token_row(p, token, hidden);
            }
            """# + table("ffn", scratch: "scratch")
}
