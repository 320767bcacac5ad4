#pragma once
/* The activations of functions/activation.h for 8 floats. Include outside a target region. */
#include <immintrin.h>

#include "exp_avx2.h"
#include "activation.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx2,fma")

/* x / (1 + 2^t). 2^n is put together by integer shifts, so t ends where n does; 2^127·A0 is inf, and -inf·0 NaN. The
   quotient is multiplied with x last: x·(A - r) could overflow. */
MG_INLINE __m256 mg_logistic_product__avx2(__m256 x, __m256 t) {
    t = _mm256_min_ps(_mm256_set1_ps(127), _mm256_max_ps(_mm256_set1_ps(-126), t));
    __m256 shifted = _mm256_add_ps(t, _mm256_set1_ps(MG_EXP_ROUND));
    __m256 r = _mm256_sub_ps(t, _mm256_sub_ps(shifted, _mm256_set1_ps(MG_EXP_ROUND)));
    __m256i power = _mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(shifted), 23), _mm256_set1_epi32(127 << 23));
    __m256 a = _mm256_fmadd_ps(_mm256_set1_ps(MG_POWER_A1), _mm256_mul_ps(r, r), _mm256_set1_ps(MG_POWER_A0));
    __m256 below = _mm256_sub_ps(a, r);
    __m256 both = _mm256_fmadd_ps(_mm256_add_ps(a, r), _mm256_castsi256_ps(power), below);
    return _mm256_mul_ps(x, _mm256_div_ps(below, both));
}

MG_INLINE __m256 mg_gelu_tanh__avx2(__m256 x) {
    __m256 slope = _mm256_fmadd_ps(_mm256_set1_ps(MG_GELU_CUBIC), _mm256_mul_ps(x, x), _mm256_set1_ps(MG_GELU_LINEAR));
    return mg_logistic_product__avx2(x, _mm256_mul_ps(x, slope));
}

/* x / (1 + 2^(slope·x)). */
MG_INLINE __m256 mg_logistic__avx2(__m256 x, float slope) {
    return mg_logistic_product__avx2(x, _mm256_mul_ps(x, _mm256_set1_ps(slope)));
}

MG_INLINE __m256 mg_silu__avx2(__m256 x) { return mg_logistic__avx2(x, MG_SILU_SLOPE); }

MG_INLINE __m256 mg_gelu_erf__avx2(__m256 x) {
    __m256 t = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), one = _mm256_set1_ps(1);
    __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(MG_GELU_Q8), t, _mm256_set1_ps(MG_GELU_Q7));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(MG_GELU_Q6));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(MG_GELU_Q5));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(MG_GELU_Q4));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(MG_GELU_Q3));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(MG_GELU_Q2));
    p = _mm256_fmadd_ps(p, t, _mm256_set1_ps(MG_GELU_Q1));
    __m256 tail = mg_exp2__avx2(_mm256_fmsub_ps(p, t, one));
    return _mm256_mul_ps(x, _mm256_blendv_ps(_mm256_sub_ps(one, tail), tail, x)); /* by the sign of x */
}

MG_INLINE __m256 mg_activate__avx2(__m256 x, mg_activation activation) {
    switch (activation) {
    case MG_GELU_ERF:
        return mg_gelu_erf__avx2(x);
    case MG_GELU_TANH:
        return mg_gelu_tanh__avx2(x);
    case MG_SILU:
        return mg_silu__avx2(x);
    case MG_IDENTITY:
        return x;
    }
    return x;
}

MG_UNTARGET
