#pragma once
/* A vector of 4 floats of NEON, under the names that all kernels are written in. Partial vectors go through 4 floats on
   the stack, so nothing beyond a row is read or written. */
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#include "mg_target.h"

#define MG_LANES 4
#define MG_REGISTERS 32
#define MG_SPLITS 0
typedef float32x4_t mg_lanes;

MG_INLINE mg_lanes mg_zero(void) { return vdupq_n_f32(0); }
MG_INLINE mg_lanes mg_splat(float value) { return vdupq_n_f32(value); }
MG_INLINE mg_lanes mg_broadcast(const float *p) { return vld1q_dup_f32(p); }
MG_INLINE mg_lanes mg_load(const float *p) { return vld1q_f32(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { vst1q_f32(p, v); }

/* Parts of a vector: a name with `first` takes a count below MG_LANES, one with `some` a count up to it, one with
   `left` any number, the lanes of the vector that lie below it. Nothing else is read or written. */

/* The others are `fill`. */
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
/* The others are 0. */
MG_INLINE mg_lanes mg_load_some(const float *p, int64_t count) {
    float some[4] = {0};
    if (count == MG_LANES)
        return mg_load(p);
    memcpy(some, p, (size_t)count * sizeof *p);
    return mg_load(some);
}
MG_INLINE void mg_store_some(float *p, mg_lanes v, int64_t count) {
    float some[4];
    if (count == MG_LANES) {
        mg_store(p, v);
        return;
    }
    mg_store(some, v);
    memcpy(p, some, (size_t)count * sizeof *p);
}
MG_INLINE mg_lanes mg_load_left(const float *p, int64_t left) {
    if (left >= MG_LANES)
        return mg_load(p);
    float part[4] = {0};
    for (int64_t i = 0; i < left; i++)
        part[i] = p[i];
    return mg_load(part);
}
MG_INLINE void mg_store_left(float *p, mg_lanes v, int64_t left) {
    if (left >= MG_LANES) {
        mg_store(p, v);
        return;
    }
    float part[4];
    mg_store(part, v);
    for (int64_t i = 0; i < left; i++)
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
/* c - a·b, rounded once. */
MG_INLINE mg_lanes mg_fnma(mg_lanes a, mg_lanes b, mg_lanes c) { return vfmsq_f32(c, a, b); }
MG_INLINE mg_lanes mg_div(mg_lanes a, mg_lanes b) { return vdivq_f32(a, b); }
MG_INLINE mg_lanes mg_sqrt(mg_lanes v) { return vsqrtq_f32(v); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return vmaxq_f32(a, b); }

MG_INLINE float mg_sum_of(mg_lanes v) {
    float32x2_t h = vadd_f32(vget_low_f32(v), vget_high_f32(v));
    return vget_lane_f32(vpadd_f32(h, h), 0);
}
MG_INLINE float mg_max_of(mg_lanes v) { return vmaxvq_f32(v); }

typedef uint32x4_t mg_mask;

/* The lanes i >= first; `first` may be negative or beyond the vector. */
MG_INLINE mg_mask mg_lanes_from(int64_t first) {
    static const int32_t lane[4] = {0, 1, 2, 3};
    int32_t from = first < 0 ? 0 : first > 4 ? 4 : (int32_t)first;
    return vcgeq_s32(vld1q_s32(lane), vdupq_n_s32(from));
}
/* v where the mask is set, else 0. */
MG_INLINE mg_lanes mg_keep(mg_mask mask, mg_lanes v) {
    return vreinterpretq_f32_u32(vandq_u32(mask, vreinterpretq_u32_f32(v)));
}
/* a·b + c where the mask is set, c elsewhere, if b is finite; a may be anything there. */
MG_INLINE mg_lanes mg_fma_where(mg_mask mask, mg_lanes a, mg_lanes b, mg_lanes c) {
    return mg_fma(mg_keep(mask, a), b, c);
}
/* v where the mask is set, else `other`. */
MG_INLINE mg_lanes mg_choose(mg_mask mask, mg_lanes v, mg_lanes other) { return vbslq_f32(mask, v, other); }
/* 1/sum, and 0 where sum is 0. */
MG_INLINE mg_lanes mg_inverse(mg_lanes sum) {
    return mg_keep(vmvnq_u32(vceqzq_f32(sum)), vdivq_f32(vdupq_n_f32(1), sum));
}
/* v·by, and 0 where `by` is 0 even if v is NaN. */
MG_INLINE mg_lanes mg_mul_or_zero(mg_lanes v, mg_lanes by) {
    return mg_keep(vmvnq_u32(vceqzq_f32(by)), vmulq_f32(v, by));
}

/* Lane i of the result is the sum over v[i]. */
MG_INLINE mg_lanes mg_sums_of(const mg_lanes v[4]) {
    return vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3]));
}

/* 2·MG_LANES values of bf16 as f32: those at even places and those at odd ones. */
MG_INLINE void mg_widen(const uint16_t *p, mg_lanes *even, mg_lanes *odd) {
    uint32x4_t both = vreinterpretq_u32_u16(vld1q_u16(p));
    *even = vreinterpretq_f32_u32(vshlq_n_u32(both, 16));
    *odd = vreinterpretq_f32_u32(vandq_u32(both, vdupq_n_u32(0xffff0000)));
}
/* The first `count` < 2·MG_LANES of them, and 0 beyond. */
MG_INLINE void mg_widen_first(const uint16_t *p, int64_t count, mg_lanes *even, mg_lanes *odd) {
    uint16_t some[8] = {0};
    memcpy(some, p, (size_t)count * sizeof *p);
    mg_widen(some, even, odd);
}

/* A square of 4 vectors: rows become columns, in place. */
MG_INLINE void mg_transpose(float32x4_t r[4]) {
    float64x2_t a = vreinterpretq_f64_f32(vtrn1q_f32(r[0], r[1])), b = vreinterpretq_f64_f32(vtrn2q_f32(r[0], r[1]));
    float64x2_t c = vreinterpretq_f64_f32(vtrn1q_f32(r[2], r[3])), d = vreinterpretq_f64_f32(vtrn2q_f32(r[2], r[3]));
    r[0] = vreinterpretq_f32_f64(vtrn1q_f64(a, c));
    r[1] = vreinterpretq_f32_f64(vtrn1q_f64(b, d));
    r[2] = vreinterpretq_f32_f64(vtrn2q_f64(a, c));
    r[3] = vreinterpretq_f32_f64(vtrn2q_f64(b, d));
}
