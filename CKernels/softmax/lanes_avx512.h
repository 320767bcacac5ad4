#pragma once
/* The vector of the row kernels (softmax, norm) as 16 floats of AVX-512. The row kernels are written once over these
   few functions; partial vectors are masked, so nothing beyond a row is read or written. */
#include <immintrin.h>
#include <stdint.h>

#include "mg_exp_avx512.h"

#define MG_LANES 16
typedef __m512 mg_lanes;

MG_TARGET("avx512f,avx512dq")

MG_INLINE __mmask16 mg_first(int64_t count) { return (__mmask16)((1u << count) - 1); }

MG_INLINE mg_lanes mg_splat(float value) { return _mm512_set1_ps(value); }
MG_INLINE mg_lanes mg_load(const float *p) { return _mm512_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { _mm512_storeu_ps(p, v); }
/* The first `count` < MG_LANES values, the others `fill`. */
MG_INLINE mg_lanes mg_load_first(const float *p, int64_t count, float fill) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), mg_first(count), p);
}
MG_INLINE void mg_store_first(float *p, mg_lanes v, int64_t count) { _mm512_mask_storeu_ps(p, mg_first(count), v); }
/* v with 0 beyond the first `count` lanes. */
MG_INLINE mg_lanes mg_keep_first(mg_lanes v, int64_t count) { return _mm512_maskz_mov_ps(mg_first(count), v); }

MG_INLINE mg_lanes mg_add(mg_lanes a, mg_lanes b) { return _mm512_add_ps(a, b); }
MG_INLINE mg_lanes mg_sub(mg_lanes a, mg_lanes b) { return _mm512_sub_ps(a, b); }
MG_INLINE mg_lanes mg_mul(mg_lanes a, mg_lanes b) { return _mm512_mul_ps(a, b); }
/* a·b + c, rounded once. */
MG_INLINE mg_lanes mg_fma(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm512_fmadd_ps(a, b, c); }
/* a·b - c, rounded once. */
MG_INLINE mg_lanes mg_fms(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm512_fmsub_ps(a, b, c); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return _mm512_max_ps(a, b); }
/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__avx512(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__avx512(t); }

MG_INLINE float mg_sum_of(mg_lanes v) {
    __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    q = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}

MG_INLINE float mg_max_of(mg_lanes v) {
    __m256 h = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    q = _mm_max_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

MG_UNTARGET
