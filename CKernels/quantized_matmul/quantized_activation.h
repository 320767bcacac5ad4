#pragma once
/* The activation of an epilogue, a lane at a time by the C library: an output
   costs k multiply-adds and one of these. Included inside a target region,
   after the lanes. */
#include <math.h>

static float mg_activation_of(float x, mg_activation activation) {
    switch (activation) {
    case MG_GELU_ERF:
        return 0.5f * x * (1 + erff(x * 0.70710678118654752f));
    case MG_GELU_TANH:
        return 0.5f * x * (1 + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    case MG_SILU:
        return x / (1 + expf(-x));
    case MG_IDENTITY:
        break;
    }
    return x;
}

MG_INLINE mg_f mg_activated(mg_f x, mg_activation activation) {
    float lanes[MG_LANES];
    mg_store(lanes, x);
    for (int i = 0; i < MG_LANES; i++)
        lanes[i] = mg_activation_of(lanes[i], activation);
    return mg_load(lanes);
}
