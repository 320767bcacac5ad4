#pragma once
/* Dot products without VNNI.

   Nibbles by vpmaddubsw, which adds two products of unsigned and signed bytes into 16 bits and saturates: with
   activations of at most 127 a whole block stays under 8·2·15·127 = 30480, so its sums stay 16 bits wide until it
   ends.

   Q8_0 would saturate there: it takes |w| and a·sign(w), at most 2·128·127 = 32512 a pair, and widens at once. That is
   exact, but of its four instructions vpsignb, vpmaddubsw and vpmaddwd share the two ports that multiply: 1.5 cycles
   for 32 products.

   INT8 is widened instead, as int8 + 128, once for all rows of the tile, against activations kept as int16: two
   vpmaddwd and two additions, 1 cycle, and twice the room for activations. Q8_0, whose f32 sums take half of the
   registers, was slower that way (0.87x). Included inside a target region, after quantized_bits_avx2.tmpl.h. */
#define MG_CHAINS 1
#define MG_APART 0
#define MG_ZERO_8BIT(format) ((format) == MG_INT8 ? 128 : 0)
#define MG_PARTS_INT8 2
typedef __m256i mg_dots; /* pairs, 16 bits wide; for 8-bit weights sums, 32 bits wide */

/* A line of INT8 weights as 16-bit numbers: k = 0 and 2 of each quad, then k = 1 and 3. */
MG_INLINE mg_bits mg_dots_part(mg_bits line, int part, int parts) {
    if (parts == 1)
        return line;
    return part ? _mm256_srli_epi16(line, 8) : _mm256_and_si256(line, _mm256_set1_epi16(255));
}
MG_INLINE mg_bits mg_low(mg_bits line) { return _mm256_and_si256(line, _mm256_set1_epi8(15)); }
MG_INLINE mg_bits mg_high(mg_bits line) { return mg_low(_mm256_srli_epi16(line, 4)); }
MG_INLINE mg_bits mg_high_apart(mg_bits line) { return mg_high(line); }
MG_INLINE mg_bits mg_quad(const int8_t *a) {
    int32_t quad;
    memcpy(&quad, a, 4);
    return _mm256_set1_epi32(quad);
}
MG_INLINE mg_dots mg_dots_begin(int32_t correction, int wide) {
    return wide ? _mm256_set1_epi32(correction) : _mm256_setzero_si256();
}
MG_INLINE __m256i mg_pairs_widened(__m256i pairs) { return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)); }
MG_INLINE mg_dots mg_dots_add(mg_dots dots, mg_bits w, mg_bits a, int wide) {
    if (wide == 2)
        return _mm256_add_epi32(dots, _mm256_madd_epi16(w, a));
    if (wide == 1) {
        __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(w), _mm256_sign_epi8(a, w));
        return _mm256_add_epi32(dots, mg_pairs_widened(pairs));
    }
    return _mm256_add_epi16(dots, _mm256_maddubs_epi16(w, a));
}
MG_INLINE mg_lanes mg_dots_end(mg_dots dots, int32_t correction, int wide) {
    return mg_to_float(wide ? dots : _mm256_add_epi32(mg_pairs_widened(dots), _mm256_set1_epi32(correction)));
}
/* Not called: there is one sum a row. */
MG_INLINE mg_dots mg_dots_sum(mg_dots a, mg_dots b, int apart) {
    (void)b, (void)apart;
    return a;
}
