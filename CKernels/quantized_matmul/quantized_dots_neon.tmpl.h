#pragma once
/* Dot products of bytes in plain NEON: widening multiplies of 8 bytes, then pairwise additions into 32 bits. A row's
   four products are two neighbouring sums until the block ends. Included after quantized_bits_neon.tmpl.h. */
#define MG_CHAINS 1
#define MG_APART 0
#define MG_ZERO_8BIT(format) 0
typedef struct mg_dots {
    int32x4_t low, high; /* rows 0, 0, 1, 1 and 2, 2, 3, 3 */
} mg_dots;

#define MG_PARTS_INT8 1
MG_INLINE mg_bits mg_dots_part(mg_bits line, int part, int parts) {
    (void)part, (void)parts;
    return line;
}
MG_INLINE mg_bits mg_low(mg_bits line) { return vandq_s8(line, vdupq_n_s8(15)); }
MG_INLINE mg_bits mg_high(mg_bits line) { return vreinterpretq_s8_u8(vshrq_n_u8(vreinterpretq_u8_s8(line), 4)); }
MG_INLINE mg_bits mg_high_apart(mg_bits line) { return mg_high(line); }
MG_INLINE mg_bits mg_quad(const int8_t *a) {
    int32_t quad;
    memcpy(&quad, a, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(quad));
}
MG_INLINE mg_dots mg_dots_begin(int32_t correction, int wide) {
    (void)wide;
    const int32x4_t evens = {correction, 0, correction, 0};
    return (mg_dots){evens, evens};
}
MG_INLINE mg_dots mg_dots_add(mg_dots dots, mg_bits w, mg_bits a, int wide) {
    (void)wide;
    dots.low = vpadalq_s16(dots.low, vmull_s8(vget_low_s8(w), vget_low_s8(a)));
    dots.high = vpadalq_s16(dots.high, vmull_high_s8(w, a));
    return dots;
}
MG_INLINE mg_lanes mg_dots_end(mg_dots dots, int32_t correction, int wide) {
    (void)correction;
    (void)wide;
    return vcvtq_f32_s32(vpaddq_s32(dots.low, dots.high));
}
/* Not called: there is one sum a row. */
MG_INLINE mg_dots mg_dots_sum(mg_dots a, mg_dots b, int apart) {
    (void)b, (void)apart;
    return a;
}
