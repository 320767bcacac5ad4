#pragma once
/* What the products need of AVX2, FMA and F16C: 8 lanes, one output row a lane. Included inside a target region. */
enum { MG_LANES = 8 };
typedef __m256 mg_f;
typedef __m256i mg_i;

MG_INLINE mg_f mg_zero(void) { return _mm256_setzero_ps(); }
MG_INLINE mg_f mg_all(float x) { return _mm256_set1_ps(x); }
MG_INLINE mg_f mg_mul(mg_f a, mg_f b) { return _mm256_mul_ps(a, b); }
MG_INLINE mg_f mg_add(mg_f a, mg_f b) { return _mm256_add_ps(a, b); }
MG_INLINE mg_f mg_fma(mg_f a, mg_f b, mg_f c) { return _mm256_fmadd_ps(a, b, c); }
MG_INLINE mg_f mg_fmsub(mg_f a, mg_f b, mg_f c) { return _mm256_fmsub_ps(a, b, c); }
MG_INLINE mg_f mg_nfma(mg_f a, mg_f b, mg_f c) { return _mm256_fnmadd_ps(a, b, c); }
MG_INLINE mg_f mg_load(const float *p) { return _mm256_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_f x) { _mm256_storeu_ps(p, x); }
MG_INLINE mg_f mg_halves(const uint8_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
MG_INLINE mg_f mg_octets(const uint8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
MG_INLINE mg_i mg_line(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
MG_INLINE mg_f mg_to_float(mg_i x) { return _mm256_cvtepi32_ps(x); }

MG_INLINE mg_i mg_first(int64_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
/* The first `count` of 8 floats; the others are neither read nor written. */
MG_INLINE mg_f mg_load_some(const float *p, int64_t count) { return _mm256_maskload_ps(p, mg_first(count)); }
MG_INLINE void mg_store_some(float *p, mg_f x, int64_t count) {
    __m128 q = _mm256_castps256_ps128(x);
    if (count == MG_LANES) {
        _mm256_storeu_ps(p, x);
        return;
    }
    if (count & 4) { /* by halves: vmaskmovps is microcode when it stores (Zen 4: about 20 cycles) */
        _mm_storeu_ps(p, q);
        q = _mm256_extractf128_ps(x, 1);
        p += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)p, q);
        q = _mm_movehl_ps(q, q);
        p += 2;
    }
    if (count & 1)
        _mm_store_ss(p, q);
}

MG_INLINE mg_f mg_nibbles(mg_i line, int shift) {
    return mg_to_float(_mm256_and_si256(_mm256_srli_epi32(line, shift), _mm256_set1_epi32(15)));
}
MG_INLINE mg_f mg_bytes(mg_i line, int j) {
    return mg_to_float(_mm256_srai_epi32(_mm256_slli_epi32(line, 24 - 8 * j), 24));
}
MG_INLINE mg_f mg_activated(mg_f x, mg_activation activation) { return mg_activate__avx2(x, activation); }
