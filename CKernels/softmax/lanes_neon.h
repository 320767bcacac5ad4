#pragma once
/* The vector of the row kernels (softmax, norm) as 4 floats of NEON. Partial vectors go through 4 floats on the
   stack, so nothing beyond a row is read or written. */
#include <arm_neon.h>
#include <stdint.h>

#include "mg_exp_neon.h"

#define MG_LANES 4
#define MG_SPLITS 0
typedef float32x4_t mg_lanes;

MG_INLINE mg_lanes mg_splat(float value) { return vdupq_n_f32(value); }
MG_INLINE mg_lanes mg_load(const float *p) { return vld1q_f32(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { vst1q_f32(p, v); }
/* The first `count` < MG_LANES values, the others `fill`. */
MG_INLINE mg_lanes mg_load_first(const float *p, int64_t count, float fill) {
    float part[4] = {fill, fill, fill, fill};
    for (int64_t i = 0; i < count; i++)
        part[i] = p[i];
    return vld1q_f32(part);
}
MG_INLINE void mg_store_first(float *p, mg_lanes v, int64_t count) {
    float part[4];
    vst1q_f32(part, v);
    for (int64_t i = 0; i < count; i++)
        p[i] = part[i];
}
/* v with 0 beyond the first `count` lanes. */
MG_INLINE mg_lanes mg_keep_first(mg_lanes v, int64_t count) {
    static const uint32_t order[4] = {0, 1, 2, 3};
    uint32x4_t first = vcltq_u32(vld1q_u32(order), vdupq_n_u32((uint32_t)count));
    return vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(v), first));
}

/* Rows are not read by lines here (MG_SPLITS): all parts are first ones. */
#define mg_store_part(p, v, from, to) mg_store_first(p, v, to)
#define mg_keep_part(v, from, to) mg_keep_first(v, to)
#define mg_from(v, above, lane) (v)
#define mg_turned(v, by) (v)

MG_INLINE mg_lanes mg_add(mg_lanes a, mg_lanes b) { return vaddq_f32(a, b); }
MG_INLINE mg_lanes mg_sub(mg_lanes a, mg_lanes b) { return vsubq_f32(a, b); }
MG_INLINE mg_lanes mg_mul(mg_lanes a, mg_lanes b) { return vmulq_f32(a, b); }
/* a·b + c, rounded once. */
MG_INLINE mg_lanes mg_fma(mg_lanes a, mg_lanes b, mg_lanes c) { return vfmaq_f32(c, a, b); }
/* a·b - c, rounded once. */
MG_INLINE mg_lanes mg_fms(mg_lanes a, mg_lanes b, mg_lanes c) { return vfmaq_f32(vnegq_f32(c), a, b); }
MG_INLINE mg_lanes mg_div(mg_lanes a, mg_lanes b) { return vdivq_f32(a, b); }
MG_INLINE mg_lanes mg_sqrt(mg_lanes v) { return vsqrtq_f32(v); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return vmaxq_f32(a, b); }
/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__neon(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__neon(t); }

MG_INLINE float mg_sum_of(mg_lanes v) {
    float32x2_t h = vadd_f32(vget_low_f32(v), vget_high_f32(v));
    return vget_lane_f32(vpadd_f32(h, h), 0);
}
MG_INLINE float mg_max_of(mg_lanes v) { return vmaxvq_f32(v); }
