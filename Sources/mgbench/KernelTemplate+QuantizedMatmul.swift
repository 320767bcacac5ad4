extension KernelTemplate {
    static let quantizedMatmul =
        #"""
        /* NAME: a product with quantised weights of your own. It is right as it stands, and slow; mg_quantized_matmul.h has
           the formula and the formats. */
        #include <math.h>
        #include <string.h>

        #include "mg_plugin.h"
        #include "mg_quantized_matmul.h"
        """# + activate
            + #"""


            /* The f16 that a block has at `bytes`. */
            static double half(const uint8_t *bytes) {
                _Float16 value;
                memcpy(&value, bytes, sizeof value);
                return (double)value;
            }

            /* The blocks of one row of W, as values. Four bits: the lower halves of the bytes come first, then the upper. */
            static void decode(mg_quantization format, const uint8_t *block, int64_t k, double *values) {
                for (int64_t i = 0; i < k; i++) {
                    int64_t at = i % 32, upper = at / 16 * 4;
                    switch (format) {
                    case MG_Q8_0:
                        values[i] = half(block) * (int8_t)block[2 + at];
                        if (at == 31) block += 34;
                        break;
                    case MG_Q4_0:
                        values[i] = half(block) * ((block[2 + at % 16] >> upper & 15) - 8);
                        if (at == 31) block += 18;
                        break;
                    case MG_Q4_1:
                        values[i] = half(block) * (block[4 + at % 16] >> upper & 15) + half(block + 2);
                        if (at == 31) block += 20;
                        break;
                    case MG_Q4_K: {
                        /* Eight parts of 32, each with a scale and a minimum of 6 bits; two parts share 32 bytes. */
                        const uint8_t *packed = block + 4, *nibbles = block + 16;
                        int64_t part = i % 256 / 32;
                        int scale = packed[part & 3] & 63, least = packed[(part & 3) + 4] & 63;
                        if (part >= 4) {
                            scale = (packed[part + 4] & 15) | (packed[part - 4] >> 6) << 4;
                            least = packed[part + 4] >> 4 | (packed[part] >> 6) << 4;
                        }
                        int value = nibbles[part / 2 * 32 + at] >> part % 2 * 4 & 15;
                        values[i] = half(block) * scale * value - half(block + 2) * least;
                        if (i % 256 == 255) block += 144;
                        break;
                    }
                    case MG_INT8:
                        values[i] = (int8_t)block[i];
                        break;
                    }
                }
            }

            static int64_t row_bytes(mg_quantization format, int64_t k) {
                switch (format) {
                case MG_Q8_0: return k / 32 * 34;
                case MG_Q4_0: return k / 32 * 18;
                case MG_Q4_1: return k / 32 * 20;
                case MG_Q4_K: return k / 256 * 144;
                default: return k;
                }
            }

            /* A kernel allocates nothing: this is what it asks for, for all workers together. */
            static size_t scratch(const void *arguments, int32_t workers) {
                const mg_quantized_matmul *p = arguments;
                return (size_t)workers * (size_t)p->k * sizeof(double);
            }

            /* Every worker of the team calls this with the same arguments, and takes its part of the rows of W. */
            static void run(const void *arguments, const mg_work *work) {
                const mg_quantized_matmul *p = arguments;
                double *weights = (double *)p->buffers.workspace + work->index * p->k;
                int64_t from, to;
                mg_work_range(work, p->n, 1, &from, &to);
                for (int64_t j = from; j < to; j++) {
                    decode(p->format, (const uint8_t *)p->w + j * row_bytes(p->format, p->k), p->k, weights);
                    for (int64_t i = 0; i < p->m; i++) {
                        double sum = 0;
                        for (int64_t l = 0; l < p->k; l++) sum += p->a[i * p->k + l] * weights[l];
                        sum = sum * (p->scales ? p->scales[j] : 1) + (p->bias ? p->bias[j] : 0);
                        p->c[i * p->n + j] = (float)activate(p->activation, sum);
                    }
                }
            }
            """# + table("quantized_matmul", scratch: "scratch")
}
