#pragma once
/* The activations of mg_activation.h for 8 floats. Include outside a target region. */
#include <immintrin.h>

#include "../softmax/mg_exp_avx2.h"
#include "mg_activation.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx2,fma")

/* x / (1 + 2^t). */
MG_INLINE __m256 mg_logistic_product__avx2(__m256 x, __m256 t) {
    t = _mm256_min_ps(_mm256_set1_ps(128), t); /* NaN comes from the second operand */
    return _mm256_div_ps(x, _mm256_add_ps(_mm256_set1_ps(1), mg_exp2__avx2(t)));
}

MG_INLINE __m256 mg_gelu_tanh__avx2(__m256 x) {
    __m256 slope = _mm256_fmadd_ps(_mm256_set1_ps(MG_GELU_CUBIC), _mm256_mul_ps(x, x), _mm256_set1_ps(MG_GELU_LINEAR));
    return mg_logistic_product__avx2(x, _mm256_mul_ps(x, slope));
}

MG_INLINE __m256 mg_silu__avx2(__m256 x) {
    return mg_logistic_product__avx2(x, _mm256_mul_ps(x, _mm256_set1_ps(MG_SILU_SLOPE)));
}

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
