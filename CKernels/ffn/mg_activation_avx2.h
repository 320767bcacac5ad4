#pragma once
/* The activations of mg_activation.h for 8 floats. Include outside a target region. */
#include <immintrin.h>

#include "../softmax/mg_exp_avx2.h"
#include "mg_activation.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx2,fma")

/* x / (1 + e^-u). */
MG_INLINE __m256 mg_logistic_product__avx2(__m256 x, __m256 u) {
    __m256 e = mg_exp__avx2(_mm256_sub_ps(_mm256_setzero_ps(), u));
    return _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1), e));
}

MG_INLINE __m256 mg_gelu_tanh__avx2(__m256 x) {
    __m256 slope = _mm256_fmadd_ps(_mm256_set1_ps(MG_GELU_CUBIC), _mm256_mul_ps(x, x), _mm256_set1_ps(MG_GELU_LINEAR));
    return mg_logistic_product__avx2(x, _mm256_mul_ps(x, slope));
}

MG_INLINE __m256 mg_gelu_erf__avx2(__m256 x) {
    __m256 t = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), x), one = _mm256_set1_ps(1);
    __m256 s = _mm256_div_ps(one, _mm256_fmadd_ps(_mm256_set1_ps(MG_GELU_SLOPE), t, one));
    __m256 e = mg_exp_nonpositive__avx2(_mm256_mul_ps(_mm256_mul_ps(t, _mm256_set1_ps(-0.5f)), t));
    __m256 r = _mm256_fmadd_ps(_mm256_set1_ps(MG_GELU_R8), s, _mm256_set1_ps(MG_GELU_R7));
    r = _mm256_fmadd_ps(r, s, _mm256_set1_ps(MG_GELU_R6));
    r = _mm256_fmadd_ps(r, s, _mm256_set1_ps(MG_GELU_R5));
    r = _mm256_fmadd_ps(r, s, _mm256_set1_ps(MG_GELU_R4));
    r = _mm256_fmadd_ps(r, s, _mm256_set1_ps(MG_GELU_R3));
    r = _mm256_fmadd_ps(r, s, _mm256_set1_ps(MG_GELU_R2));
    r = _mm256_fmadd_ps(r, s, _mm256_set1_ps(MG_GELU_R1));
    __m256 tail = _mm256_mul_ps(_mm256_mul_ps(r, s), e);
    return _mm256_mul_ps(x, _mm256_blendv_ps(_mm256_sub_ps(one, tail), tail, x)); /* by the sign of x */
}

MG_INLINE __m256 mg_activate__avx2(__m256 x, mg_activation activation) {
    switch (activation) {
    case MG_GELU_ERF:
        return mg_gelu_erf__avx2(x);
    case MG_GELU_TANH:
        return mg_gelu_tanh__avx2(x);
    case MG_SILU:
        return mg_logistic_product__avx2(x, x);
    case MG_IDENTITY:
        return x;
    }
    return x;
}

MG_UNTARGET
