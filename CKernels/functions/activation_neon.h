#pragma once
/* The activations of functions/activation.h for 4 floats. */
#include <arm_neon.h>

#include "exp_neon.h"
#include "activation.h"
#include "mg_target.h"
#include "mg_variant.h"

/* x / (1 + 2^t), as on AVX2. */
MG_INLINE float32x4_t mg_logistic_product__neon(float32x4_t x, float32x4_t t) {
    t = vminq_f32(vmaxq_f32(t, vdupq_n_f32(-126)), vdupq_n_f32(127));
    float32x4_t n = vrndnq_f32(t), r = vsubq_f32(t, n);
    int32x4_t power = vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23);
    float32x4_t a = vfmaq_f32(vdupq_n_f32(MG_POWER_A0), vdupq_n_f32(MG_POWER_A1), vmulq_f32(r, r));
    float32x4_t below = vsubq_f32(a, r);
    float32x4_t both = vfmaq_f32(below, vaddq_f32(a, r), vreinterpretq_f32_s32(power));
    return vmulq_f32(x, vdivq_f32(below, both));
}

MG_INLINE float32x4_t mg_gelu_tanh__neon(float32x4_t x) {
    float32x4_t slope = vfmaq_f32(vdupq_n_f32(MG_GELU_LINEAR), vdupq_n_f32(MG_GELU_CUBIC), vmulq_f32(x, x));
    return mg_logistic_product__neon(x, vmulq_f32(x, slope));
}

/* x / (1 + 2^(slope·x)). */
MG_INLINE float32x4_t mg_logistic__neon(float32x4_t x, float slope) {
    return mg_logistic_product__neon(x, vmulq_n_f32(x, slope));
}

MG_INLINE float32x4_t mg_silu__neon(float32x4_t x) { return mg_logistic__neon(x, MG_SILU_SLOPE); }

MG_INLINE float32x4_t mg_gelu_erf__neon(float32x4_t x) {
    float32x4_t t = vabsq_f32(x), one = vdupq_n_f32(1);
    float32x4_t p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q7), vdupq_n_f32(MG_GELU_Q8), t);
    p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q6), p, t);
    p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q5), p, t);
    p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q4), p, t);
    p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q3), p, t);
    p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q2), p, t);
    p = vfmaq_f32(vdupq_n_f32(MG_GELU_Q1), p, t);
    float32x4_t tail = mg_exp2__neon(vfmaq_f32(vdupq_n_f32(-1), p, t));
    return vmulq_f32(x, vbslq_f32(vcgezq_f32(x), vsubq_f32(one, tail), tail));
}

MG_INLINE float32x4_t mg_activate__neon(float32x4_t x, mg_activation activation) {
    switch (activation) {
    case MG_GELU_ERF:
        return mg_gelu_erf__neon(x);
    case MG_GELU_TANH:
        return mg_gelu_tanh__neon(x);
    case MG_SILU:
        return mg_silu__neon(x);
    case MG_IDENTITY:
        return x;
    }
    return x;
}
