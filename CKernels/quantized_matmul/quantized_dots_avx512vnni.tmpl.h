#pragma once
/* Dot products of bytes by vpdpbusd: unsigned weights (nibbles, or int8 + 128) times signed activations, four products
   and their sum into 32 bits in one instruction, exact. The zero point comes off by starting the sum at −zero·Σq.
   Included inside a target region, after quantized_bits_avx512.tmpl.h. */
#define MG_ZERO_8BIT(format) 128
#define MG_CHAINS 4
#define MG_APART 1
typedef __m512i mg_dots;

#define MG_PARTS_INT8 1
MG_INLINE mg_bits mg_dots_part(mg_bits line, int part, int parts) {
    (void)part, (void)parts;
    return line;
}
MG_INLINE mg_bits mg_low(mg_bits line) { return _mm512_and_si512(line, _mm512_set1_epi8(15)); }
MG_INLINE mg_bits mg_high(mg_bits line) { return mg_low(_mm512_srli_epi16(line, 4)); }
MG_INLINE mg_bits mg_high_apart(mg_bits line) { return _mm512_andnot_si512(_mm512_set1_epi8(15), line); }
MG_INLINE mg_bits mg_quad(const int8_t *a) {
    int32_t quad;
    memcpy(&quad, a, 4);
    return _mm512_set1_epi32(quad);
}
MG_INLINE mg_dots mg_dots_begin(int32_t correction, int wide) {
    (void)wide;
    return _mm512_set1_epi32(correction);
}
MG_INLINE mg_dots mg_dots_add(mg_dots dots, mg_bits w, mg_bits a, int wide) {
    (void)wide;
    return _mm512_dpbusd_epi32(dots, w, a);
}
MG_INLINE mg_lanes mg_dots_end(mg_dots dots, int32_t correction, int wide) {
    (void)correction;
    (void)wide;
    return mg_to_float(dots);
}
/* Sixteenfold sums are multiples of sixteen: the shift is exact. A block's are at most 16·32·15·127 < 2^20. */
MG_INLINE mg_dots mg_dots_sum(mg_dots a, mg_dots b, int apart) {
    return _mm512_add_epi32(a, apart ? _mm512_srai_epi32(b, 4) : b);
}
