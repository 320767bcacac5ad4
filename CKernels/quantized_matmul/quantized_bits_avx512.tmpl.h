#pragma once
/* What the products need beyond vectors/avx512.h of AVX-512: 16 lanes, one output row a lane. Included inside a target
   region, after functions/avx512.h. */
typedef __m512i mg_bits;

MG_INLINE mg_lanes mg_halves(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
MG_INLINE mg_lanes mg_octets(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
MG_INLINE mg_bits mg_line(const uint8_t *p) { return _mm512_loadu_si512(p); }
MG_INLINE mg_lanes mg_to_float(mg_bits x) { return _mm512_cvtepi32_ps(x); }
/* A permutation reads the low four bits of its index: the table of 0 … 15 makes floats of nibbles in one step. */
MG_INLINE mg_lanes mg_nibbles(mg_bits line, int shift) {
    const mg_lanes table = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_permutexvar_ps(_mm512_srli_epi32(line, (unsigned)shift), table);
}
MG_INLINE mg_lanes mg_bytes(mg_bits line, int j) {
    return mg_to_float(_mm512_srai_epi32(_mm512_slli_epi32(line, (unsigned)(24 - 8 * j)), 24));
}
