#pragma once
/* What the products need of AVX-512: 16 lanes, one output row a lane. Included inside a target region. */
enum { MG_LANES = 16 };
typedef __m512 mg_f;
typedef __m512i mg_i;

MG_INLINE mg_f mg_zero(void) { return _mm512_setzero_ps(); }
MG_INLINE mg_f mg_all(float x) { return _mm512_set1_ps(x); }
MG_INLINE mg_f mg_mul(mg_f a, mg_f b) { return _mm512_mul_ps(a, b); }
MG_INLINE mg_f mg_add(mg_f a, mg_f b) { return _mm512_add_ps(a, b); }
MG_INLINE mg_f mg_fma(mg_f a, mg_f b, mg_f c) { return _mm512_fmadd_ps(a, b, c); }
MG_INLINE mg_f mg_nfma(mg_f a, mg_f b, mg_f c) { return _mm512_fnmadd_ps(a, b, c); }
MG_INLINE mg_f mg_load(const float *p) { return _mm512_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_f x) { _mm512_storeu_ps(p, x); }
MG_INLINE mg_f mg_halves(const uint8_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
MG_INLINE mg_f mg_octets(const uint8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
MG_INLINE mg_i mg_line(const uint8_t *p) { return _mm512_loadu_si512(p); }
MG_INLINE mg_f mg_to_float(mg_i x) { return _mm512_cvtepi32_ps(x); }

MG_INLINE __mmask16 mg_first(int64_t count) { return (__mmask16)((1u << count) - 1); }
/* The first `count` of 16 floats; the others are neither read nor written. */
MG_INLINE mg_f mg_load_some(const float *p, int64_t count) { return _mm512_maskz_loadu_ps(mg_first(count), p); }
MG_INLINE void mg_store_some(float *p, mg_f x, int64_t count) { _mm512_mask_storeu_ps(p, mg_first(count), x); }
MG_INLINE mg_f mg_fmsub(mg_f a, mg_f b, mg_f c) { return _mm512_fmsub_ps(a, b, c); }
/* A permutation reads the low four bits of its index: the table of 0 … 15 makes floats of nibbles in one step. */
MG_INLINE mg_f mg_nibbles(mg_i line, int shift) {
    const mg_f table = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_permutexvar_ps(_mm512_srli_epi32(line, (unsigned)shift), table);
}
MG_INLINE mg_f mg_bytes(mg_i line, int j) {
    return mg_to_float(_mm512_srai_epi32(_mm512_slli_epi32(line, (unsigned)(24 - 8 * j)), 24));
}
MG_INLINE mg_f mg_activated(mg_f x, mg_activation activation) { return mg_activate__avx512(x, activation); }
