#pragma once
/* tanh of functions/tanh.h for 8 floats: 2^n by integer shifts. */
#include <immintrin.h>

#include "tanh.h"
#include "mg_target.h"

MG_TARGET("avx2,fma")

MG_INLINE __m256 mg_tanh__avx2(__m256 x) {
    const __m256 one = _mm256_set1_ps(1), sign = _mm256_set1_ps(-0.0f);
    __m256 y = _mm256_andnot_ps(sign, _mm256_add_ps(x, x));
    y = _mm256_min_ps(_mm256_set1_ps(MG_TANH_HIGHEST), y); /* NaN comes from the second operand */
    __m256 shifted = _mm256_fmadd_ps(y, _mm256_set1_ps(MG_TANH_LOG2E), _mm256_set1_ps(MG_TANH_ROUND));
    __m256 n = _mm256_sub_ps(shifted, _mm256_set1_ps(MG_TANH_ROUND));
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(MG_TANH_LN2), y);
    __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(MG_TANH_D6), r, _mm256_set1_ps(MG_TANH_D5));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_TANH_D4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_TANH_D3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_TANH_D2));
    p = _mm256_fmadd_ps(_mm256_mul_ps(r, r), p, r);
    __m256i bits = _mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(shifted), 23), _mm256_set1_epi32(127 << 23));
    __m256 power = _mm256_castsi256_ps(bits);
    __m256 d = _mm256_fmadd_ps(power, p, _mm256_sub_ps(power, one));
    __m256 size = _mm256_div_ps(d, _mm256_add_ps(d, _mm256_set1_ps(2)));
    return _mm256_or_ps(_mm256_andnot_ps(sign, size), _mm256_and_ps(sign, x));
}

MG_UNTARGET
