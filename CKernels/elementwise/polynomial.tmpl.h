/* One pass: load, a polynomial and at most one division for each value, store. Against the C library: as many values as
   lanes at a time, no branch on the size of an argument, no call. exp is that of softmax (functions/exp.h), tanh that
   of functions/tanh.h, GELU and SiLU those of the feed-forward layers (functions/activation.h). Each vector is a chain
   of some twenty operations that wait for each other; vectors are independent, and the processor overlaps as many as it
   can hold. Loses nowhere but in the last part of a vector, for which the whole of one is computed. Included by the
   file of each instruction set, inside its target region, after functions/<isa>.h. */
#include <stdint.h>

#include "mg_elementwise.h"

/* -1.702·log2(e): GELU's approximation by the logistic function (Hendrycks and Gimpel 2016). */
#define ELEMENTWISE_SIGMOID -0x1.3a4cbep1f

MG_INLINE mg_lanes elementwise_apply(const mg_function function, mg_lanes x) {
    switch (function) {
    case MG_FUNCTION_EXP:
        return mg_exp_any(x);
    case MG_FUNCTION_TANH:
        return mg_tanh(x);
    case MG_FUNCTION_GELU:
        return mg_activate(x, MG_GELU_ERF);
    case MG_FUNCTION_GELU_TANH:
        return mg_activate(x, MG_GELU_TANH);
    case MG_FUNCTION_SILU:
        return mg_activate(x, MG_SILU);
    case MG_FUNCTION_GELU_SIGMOID:
        return mg_logistic(x, ELEMENTWISE_SIGMOID);
    case MG_FUNCTION_EXP_NONPOSITIVE:
        return mg_exp(x);
    }
}

MG_INLINE void elementwise_map(const mg_function function, const float *x, float *out, int64_t n) {
    int64_t i = 0;
    for (; i + 2 * MG_LANES <= n; i += 2 * MG_LANES) {
        mg_lanes a = elementwise_apply(function, mg_load(x + i));
        mg_lanes b = elementwise_apply(function, mg_load(x + i + MG_LANES));
        mg_store(out + i, a);
        mg_store(out + i + MG_LANES, b);
    }
    if (i + MG_LANES <= n) {
        mg_store(out + i, elementwise_apply(function, mg_load(x + i)));
        i += MG_LANES;
    }
    if (i < n)
        mg_store_first(out + i, elementwise_apply(function, mg_load_first(x + i, n - i, 0)), n - i);
}

/* Whole lines of 64 bytes to each worker, so that no two write into one. */
static void polynomial(const void *arguments, const mg_work *work) {
    const mg_elementwise *e = arguments;
    int64_t from, to;
    mg_work_range(work, e->count, 16, &from, &to);
    const float *x = e->x + from;
    float *out = e->out + from;
    switch (e->function) {
    case MG_FUNCTION_EXP:
        elementwise_map(MG_FUNCTION_EXP, x, out, to - from);
        break;
    case MG_FUNCTION_TANH:
        elementwise_map(MG_FUNCTION_TANH, x, out, to - from);
        break;
    case MG_FUNCTION_GELU:
        elementwise_map(MG_FUNCTION_GELU, x, out, to - from);
        break;
    case MG_FUNCTION_GELU_TANH:
        elementwise_map(MG_FUNCTION_GELU_TANH, x, out, to - from);
        break;
    case MG_FUNCTION_SILU:
        elementwise_map(MG_FUNCTION_SILU, x, out, to - from);
        break;
    case MG_FUNCTION_GELU_SIGMOID:
        elementwise_map(MG_FUNCTION_GELU_SIGMOID, x, out, to - from);
        break;
    case MG_FUNCTION_EXP_NONPOSITIVE:
        elementwise_map(MG_FUNCTION_EXP_NONPOSITIVE, x, out, to - from);
        break;
    }
}
