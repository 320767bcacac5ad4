#pragma once
/* A head turned by its position (Su and others, *RoFormer*, 2021). */
#include <string.h>

#include "mg_cached_attention.h"
#include "mg_target.h"

MG_INLINE void rotary(const mg_rotary *turn, int64_t position, const float *x, int64_t dim, float *out) {
    const int64_t pairs = turn->rotated / 2;
    const float *c = turn->cosines + position * pairs, *sine = turn->sines + position * pairs;
    if (turn->halves) {
        for (int64_t i = 0; i < pairs; i++) {
            out[i] = x[i] * c[i] - x[i + pairs] * sine[i];
            out[i + pairs] = x[i] * sine[i] + x[i + pairs] * c[i];
        }
    } else {
        for (int64_t i = 0; i < pairs; i++) {
            float a = x[2 * i], b = x[2 * i + 1];
            out[2 * i] = a * c[i] - b * sine[i];
            out[2 * i + 1] = a * sine[i] + b * c[i];
        }
    }
    memcpy(out + turn->rotated, x + turn->rotated, (size_t)(dim - turn->rotated) * 4);
}
