#pragma once
/* tanh of functions/tanh.h for 4 floats: the AVX2 form in NEON. */
#include <arm_neon.h>

#include "tanh.h"
#include "mg_target.h"

MG_INLINE float32x4_t mg_tanh__neon(float32x4_t x) {
    const float32x4_t one = vdupq_n_f32(1);
    float32x4_t y = vminq_f32(vabsq_f32(vaddq_f32(x, x)), vdupq_n_f32(MG_TANH_HIGHEST)); /* hands NaN on */
    float32x4_t shifted = vfmaq_f32(vdupq_n_f32(MG_TANH_ROUND), y, vdupq_n_f32(MG_TANH_LOG2E));
    float32x4_t n = vsubq_f32(shifted, vdupq_n_f32(MG_TANH_ROUND));
    float32x4_t r = vfmsq_f32(y, n, vdupq_n_f32(MG_TANH_LN2));
    float32x4_t p = vfmaq_f32(vdupq_n_f32(MG_TANH_D5), vdupq_n_f32(MG_TANH_D6), r);
    p = vfmaq_f32(vdupq_n_f32(MG_TANH_D4), p, r);
    p = vfmaq_f32(vdupq_n_f32(MG_TANH_D3), p, r);
    p = vfmaq_f32(vdupq_n_f32(MG_TANH_D2), p, r);
    p = vfmaq_f32(r, vmulq_f32(r, r), p);
    int32x4_t bits = vaddq_s32(vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23), vdupq_n_s32(127 << 23));
    float32x4_t power = vreinterpretq_f32_s32(bits);
    float32x4_t d = vfmaq_f32(vsubq_f32(power, one), power, p);
    float32x4_t size = vdivq_f32(d, vaddq_f32(d, vdupq_n_f32(2)));
    return vbslq_f32(vdupq_n_u32(0x7fffffff), size, x); /* all bits but the sign */
}
