#pragma once
/* What the products need beyond vectors/avx2.h of AVX2, FMA and F16C: 8 lanes, one output row a lane. Included inside a
   target region, after functions/avx2.h. */
typedef __m256i mg_bits;

MG_INLINE mg_lanes mg_halves(const uint8_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
MG_INLINE mg_lanes mg_octets(const uint8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
MG_INLINE mg_bits mg_line(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
MG_INLINE mg_lanes mg_to_float(mg_bits x) { return _mm256_cvtepi32_ps(x); }
MG_INLINE mg_lanes mg_nibbles(mg_bits line, int shift) {
    return mg_to_float(_mm256_and_si256(_mm256_srli_epi32(line, shift), _mm256_set1_epi32(15)));
}
MG_INLINE mg_lanes mg_bytes(mg_bits line, int j) {
    return mg_to_float(_mm256_srai_epi32(_mm256_slli_epi32(line, 24 - 8 * j), 24));
}
