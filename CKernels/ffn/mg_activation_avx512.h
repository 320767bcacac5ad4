#pragma once
/* The activations of mg_activation.h for 16 floats. Include outside a target region. */
#include <immintrin.h>

#include "../softmax/mg_exp_avx512.h"
#include "mg_activation.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx512f,avx512dq")

/* x / (1 + 2^t). */
MG_INLINE __m512 mg_logistic_product__avx512(__m512 x, __m512 t) {
    return _mm512_div_ps(x, _mm512_add_ps(_mm512_set1_ps(1), mg_exp2__avx512(t)));
}

MG_INLINE __m512 mg_gelu_tanh__avx512(__m512 x) {
    __m512 slope = _mm512_fmadd_ps(_mm512_set1_ps(MG_GELU_CUBIC), _mm512_mul_ps(x, x), _mm512_set1_ps(MG_GELU_LINEAR));
    return mg_logistic_product__avx512(x, _mm512_mul_ps(x, slope));
}

MG_INLINE __m512 mg_silu__avx512(__m512 x) {
    return mg_logistic_product__avx512(x, _mm512_mul_ps(x, _mm512_set1_ps(MG_SILU_SLOPE)));
}

MG_INLINE __m512 mg_gelu_erf__avx512(__m512 x) {
    __m512 t = _mm512_abs_ps(x), one = _mm512_set1_ps(1);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(MG_GELU_Q8), t, _mm512_set1_ps(MG_GELU_Q7));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(MG_GELU_Q6));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(MG_GELU_Q5));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(MG_GELU_Q4));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(MG_GELU_Q3));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(MG_GELU_Q2));
    p = _mm512_fmadd_ps(p, t, _mm512_set1_ps(MG_GELU_Q1));
    __m512 tail = mg_exp2__avx512(_mm512_fmsub_ps(p, t, one));
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
        return mg_silu__avx512(x);
    case MG_IDENTITY:
        return x;
    }
    return x;
}

MG_UNTARGET
