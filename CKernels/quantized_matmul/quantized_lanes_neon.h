#pragma once
/* What the products need of NEON: 4 lanes, one output row a lane. */
enum { MG_LANES = 4 };
typedef float32x4_t mg_f;
typedef int8x16_t mg_i;

MG_INLINE mg_f mg_zero(void) { return vdupq_n_f32(0); }
MG_INLINE mg_f mg_all(float x) { return vdupq_n_f32(x); }
MG_INLINE mg_f mg_mul(mg_f a, mg_f b) { return vmulq_f32(a, b); }
MG_INLINE mg_f mg_add(mg_f a, mg_f b) { return vaddq_f32(a, b); }
MG_INLINE mg_f mg_fma(mg_f a, mg_f b, mg_f c) { return vfmaq_f32(c, a, b); }
MG_INLINE mg_f mg_fmsub(mg_f a, mg_f b, mg_f c) { return vfmaq_f32(vnegq_f32(c), a, b); }
MG_INLINE mg_f mg_nfma(mg_f a, mg_f b, mg_f c) { return vfmsq_f32(c, a, b); }
MG_INLINE mg_f mg_load(const float *p) { return vld1q_f32(p); }
MG_INLINE void mg_store(float *p, mg_f x) { vst1q_f32(p, x); }
MG_INLINE mg_f mg_halves(const uint8_t *p) { return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p))); }
MG_INLINE mg_f mg_octets(const uint8_t *p) {
    uint32_t four;
    memcpy(&four, p, 4);
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four)))));
}
MG_INLINE mg_i mg_line(const uint8_t *p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }

/* The first `count` of 4 floats; the others are neither read nor written. */
MG_INLINE mg_f mg_load_some(const float *p, int64_t count) {
    float some[4] = {0};
    if (count == MG_LANES)
        return vld1q_f32(p);
    memcpy(some, p, (size_t)count * 4);
    return vld1q_f32(some);
}
MG_INLINE void mg_store_some(float *p, mg_f x, int64_t count) {
    float some[4];
    if (count == MG_LANES) {
        vst1q_f32(p, x);
        return;
    }
    vst1q_f32(some, x);
    memcpy(p, some, (size_t)count * 4);
}

MG_INLINE mg_f mg_nibbles(mg_i line, int shift) {
    uint32x4_t moved = vshlq_u32(vreinterpretq_u32_s8(line), vdupq_n_s32(-shift));
    return vcvtq_f32_u32(vandq_u32(moved, vdupq_n_u32(15)));
}
MG_INLINE mg_f mg_bytes(mg_i line, int j) {
    int32x4_t moved = vshlq_s32(vreinterpretq_s32_s8(line), vdupq_n_s32(24 - 8 * j));
    return vcvtq_f32_s32(vshrq_n_s32(moved, 24));
}
MG_INLINE mg_f mg_activated(mg_f x, mg_activation activation) { return mg_activate__neon(x, activation); }
