#pragma once
/* What the products need beyond vectors/neon.h of NEON: 4 lanes, one output row a lane. Included after
 * functions/neon.h. */
typedef int8x16_t mg_bits;

MG_INLINE mg_lanes mg_halves(const uint8_t *p) { return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(p))); }
MG_INLINE mg_lanes mg_octets(const uint8_t *p) {
    uint32_t four;
    memcpy(&four, p, 4);
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(vcreate_u8(four)))));
}
MG_INLINE mg_bits mg_line(const uint8_t *p) { return vreinterpretq_s8_u8(vld1q_u8(p)); }
MG_INLINE mg_lanes mg_nibbles(mg_bits line, int shift) {
    uint32x4_t moved = vshlq_u32(vreinterpretq_u32_s8(line), vdupq_n_s32(-shift));
    return vcvtq_f32_u32(vandq_u32(moved, vdupq_n_u32(15)));
}
MG_INLINE mg_lanes mg_bytes(mg_bits line, int j) {
    int32x4_t moved = vshlq_s32(vreinterpretq_s32_s8(line), vdupq_n_s32(24 - 8 * j));
    return vcvtq_f32_s32(vshrq_n_s32(moved, 24));
}
