#pragma once
/* exp for 4 floats: the AVX2 form in NEON. */
#include <arm_neon.h>

#include "exp.h"
#include "mg_target.h"

/* exp(r) with x = n·ln2 + r; the low bits of *shifted hold n. */
MG_INLINE float32x4_t mg_exp_reduced__neon(float32x4_t x, float32x4_t *shifted) {
    *shifted = vfmaq_f32(vdupq_n_f32(MG_EXP_ROUND), x, vdupq_n_f32(MG_EXP_LOG2E));
    float32x4_t n = vsubq_f32(*shifted, vdupq_n_f32(MG_EXP_ROUND));
    float32x4_t r = vfmsq_f32(x, n, vdupq_n_f32(MG_EXP_LN2_HIGH));
    r = vfmsq_f32(r, n, vdupq_n_f32(MG_EXP_LN2_LOW));
    float32x4_t p = vfmaq_f32(vdupq_n_f32(MG_EXP_C4), vdupq_n_f32(MG_EXP_C5), r);
    p = vfmaq_f32(vdupq_n_f32(MG_EXP_C3), p, r);
    p = vfmaq_f32(vdupq_n_f32(MG_EXP_C2), p, r);
    p = vfmaq_f32(vdupq_n_f32(MG_EXP_C1), p, r);
    return vfmaq_f32(vdupq_n_f32(1), p, r);
}

/* 0 where x < MG_EXP_LOWEST, else (NaN included) the value. */
MG_INLINE float32x4_t mg_exp_flushed__neon(float32x4_t value, float32x4_t x) {
    uint32x4_t below = vcltq_f32(x, vdupq_n_f32(MG_EXP_LOWEST));
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(value), below));
}

/* exp(x) for x <= 0 and NaN, the only arguments that a softmax has once its maximum is subtracted. */
MG_INLINE float32x4_t mg_exp_nonpositive__neon(float32x4_t x) {
    float32x4_t shifted, p = mg_exp_reduced__neon(x, &shifted);
    int32x4_t power = vaddq_s32(vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23), vdupq_n_s32(127 << 23));
    return mg_exp_flushed__neon(vmulq_f32(p, vreinterpretq_f32_s32(power)), x);
}

/* exp(x) for every x. */
MG_INLINE float32x4_t mg_exp__neon(float32x4_t x) {
    float32x4_t shifted, p = mg_exp_reduced__neon(x, &shifted);
    int32x4_t power = vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23);
    float32x4_t result = vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(p), power));
    uint32x4_t within = vcleq_f32(x, vdupq_n_f32(MG_EXP_HIGHEST));
    result = vbslq_f32(within, result, vmulq_f32(x, vdupq_n_f32(__builtin_inff())));
    return mg_exp_flushed__neon(result, x);
}

/* 2^t for t <= 128, -inf and NaN; 0 below -126, and 2^128 is +inf. */
MG_INLINE float32x4_t mg_exp2__neon(float32x4_t t) {
    t = vmaxq_f32(t, vdupq_n_f32(-127)); /* hands NaN on */
    float32x4_t n = vrndmq_f32(t), r = vsubq_f32(t, n);
    float32x4_t p = vfmaq_f32(vdupq_n_f32(MG_EXP2_C4), vdupq_n_f32(MG_EXP2_C5), r);
    p = vfmaq_f32(vdupq_n_f32(MG_EXP2_C3), p, r);
    p = vfmaq_f32(vdupq_n_f32(MG_EXP2_C2), p, r);
    p = vfmaq_f32(vdupq_n_f32(MG_EXP2_C1), p, r);
    p = vfmaq_f32(vdupq_n_f32(1), p, r);
    int32x4_t power = vshlq_n_s32(vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127)), 23);
    return vmulq_f32(p, vreinterpretq_f32_s32(power));
}
