#pragma once
/* The activations of mg_activation.h for 16 floats. Include outside a target region. */
#include <immintrin.h>

#include "../softmax/mg_exp_avx512.h"
#include "mg_activation.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx512f,avx512dq")

/* x / (1 + e^-u). */
MG_INLINE __m512 mg_logistic_product__avx512(__m512 x, __m512 u) {
    __m512 e = mg_exp__avx512(_mm512_sub_ps(_mm512_setzero_ps(), u));
    return _mm512_div_ps(x, _mm512_add_ps(_mm512_set1_ps(1), e));
}

MG_INLINE __m512 mg_gelu_tanh__avx512(__m512 x) {
    __m512 slope = _mm512_fmadd_ps(_mm512_set1_ps(MG_GELU_CUBIC), _mm512_mul_ps(x, x), _mm512_set1_ps(MG_GELU_LINEAR));
    return mg_logistic_product__avx512(x, _mm512_mul_ps(x, slope));
}

MG_INLINE __m512 mg_gelu_erf__avx512(__m512 x) {
    __m512 t = _mm512_abs_ps(x), one = _mm512_set1_ps(1);
    __m512 s = _mm512_div_ps(one, _mm512_fmadd_ps(_mm512_set1_ps(MG_GELU_SLOPE), t, one));
    __m512 e = mg_exp_nonpositive__avx512(_mm512_mul_ps(_mm512_mul_ps(t, _mm512_set1_ps(-0.5f)), t));
    __m512 r = _mm512_fmadd_ps(_mm512_set1_ps(MG_GELU_R8), s, _mm512_set1_ps(MG_GELU_R7));
    r = _mm512_fmadd_ps(r, s, _mm512_set1_ps(MG_GELU_R6));
    r = _mm512_fmadd_ps(r, s, _mm512_set1_ps(MG_GELU_R5));
    r = _mm512_fmadd_ps(r, s, _mm512_set1_ps(MG_GELU_R4));
    r = _mm512_fmadd_ps(r, s, _mm512_set1_ps(MG_GELU_R3));
    r = _mm512_fmadd_ps(r, s, _mm512_set1_ps(MG_GELU_R2));
    r = _mm512_fmadd_ps(r, s, _mm512_set1_ps(MG_GELU_R1));
    __m512 tail = _mm512_mul_ps(_mm512_mul_ps(r, s), e);
    __mmask16 positive = _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_GE_OQ);
    return _mm512_mul_ps(x, _mm512_mask_sub_ps(tail, positive, one, tail));
}

MG_INLINE __m512 mg_activate__avx512(__m512 x, mg_activation activation) {
    switch (activation) {
    case MG_GELU_ERF:
        return mg_gelu_erf__avx512(x);
    case MG_GELU_TANH:
        return mg_gelu_tanh__avx512(x);
    case MG_SILU:
        return mg_logistic_product__avx512(x, x);
    case MG_IDENTITY:
        return x;
    }
    return x;
}

MG_UNTARGET
