#pragma once
/* The activations of mg_activation.h for 4 floats. */
#include <arm_neon.h>

#include "../softmax/mg_exp_neon.h"
#include "mg_activation.h"
#include "mg_target.h"
#include "mg_variant.h"

/* x / (1 + e^-u). */
MG_INLINE float32x4_t mg_logistic_product__neon(float32x4_t x, float32x4_t u) {
    return vdivq_f32(x, vaddq_f32(vdupq_n_f32(1), mg_exp__neon(vnegq_f32(u))));
}

MG_INLINE float32x4_t mg_gelu_tanh__neon(float32x4_t x) {
    float32x4_t slope = vfmaq_f32(vdupq_n_f32(MG_GELU_LINEAR), vdupq_n_f32(MG_GELU_CUBIC), vmulq_f32(x, x));
    return mg_logistic_product__neon(x, vmulq_f32(x, slope));
}

MG_INLINE float32x4_t mg_gelu_erf__neon(float32x4_t x) {
    float32x4_t t = vabsq_f32(x), one = vdupq_n_f32(1);
    float32x4_t s = vdivq_f32(one, vfmaq_f32(one, vdupq_n_f32(MG_GELU_SLOPE), t));
    float32x4_t e = mg_exp_nonpositive__neon(vmulq_f32(vmulq_n_f32(t, -0.5f), t));
    float32x4_t r = vfmaq_f32(vdupq_n_f32(MG_GELU_R7), vdupq_n_f32(MG_GELU_R8), s);
    r = vfmaq_f32(vdupq_n_f32(MG_GELU_R6), r, s);
    r = vfmaq_f32(vdupq_n_f32(MG_GELU_R5), r, s);
    r = vfmaq_f32(vdupq_n_f32(MG_GELU_R4), r, s);
    r = vfmaq_f32(vdupq_n_f32(MG_GELU_R3), r, s);
    r = vfmaq_f32(vdupq_n_f32(MG_GELU_R2), r, s);
    r = vfmaq_f32(vdupq_n_f32(MG_GELU_R1), r, s);
    float32x4_t tail = vmulq_f32(vmulq_f32(r, s), e);
    return vmulq_f32(x, vbslq_f32(vcgezq_f32(x), vsubq_f32(one, tail), tail));
}

MG_INLINE float32x4_t mg_activate__neon(float32x4_t x, mg_activation activation) {
    switch (activation) {
    case MG_GELU_ERF:
        return mg_gelu_erf__neon(x);
    case MG_GELU_TANH:
        return mg_gelu_tanh__neon(x);
    case MG_SILU:
        return mg_logistic_product__neon(x, x);
    case MG_IDENTITY:
        return x;
    }
    return x;
}
