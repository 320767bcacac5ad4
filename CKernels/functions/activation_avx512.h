#pragma once
/* The activations of functions/activation.h for 16 floats. Include outside a target region. */
#include <immintrin.h>

#include "exp_avx512.h"
#include "activation.h"
#include "gelu_table.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx512f,avx512dq")

/* x / (1 + 2^t). vreduceps gives t minus its nearest integer n, and 0 where t is infinite: n is infinite then, 2^n is 0
   or inf as vscalefps makes it, and no value needs a limit beforehand. The quotient is multiplied with x last, for
   x·(A - r) could overflow. */
MG_INLINE __m512 mg_logistic_product__avx512(__m512 x, __m512 t) {
    __m512 r = _mm512_reduce_ps(t, _MM_FROUND_TO_NEAREST_INT), n = _mm512_sub_ps(t, r);
    __m512 a = _mm512_fmadd_ps(_mm512_set1_ps(MG_POWER_A1), _mm512_mul_ps(r, r), _mm512_set1_ps(MG_POWER_A0));
    __m512 below = _mm512_sub_ps(a, r), above = _mm512_scalef_ps(_mm512_add_ps(a, r), n);
    return _mm512_mul_ps(x, _mm512_div_ps(below, _mm512_add_ps(below, above)));
}

/* x / (1 + 2^(slope·x)). */
MG_INLINE __m512 mg_logistic__avx512(__m512 x, float slope) {
    return mg_logistic_product__avx512(x, _mm512_mul_ps(x, _mm512_set1_ps(slope)));
}

MG_INLINE __m512 mg_gelu_tanh__avx512(__m512 x) {
    __m512 slope = _mm512_fmadd_ps(_mm512_set1_ps(MG_GELU_CUBIC), _mm512_mul_ps(x, x), _mm512_set1_ps(MG_GELU_LINEAR));
    return mg_logistic_product__avx512(x, _mm512_mul_ps(x, slope));
}

MG_INLINE __m512 mg_silu__avx512(__m512 x) { return mg_logistic__avx512(x, MG_SILU_SLOPE); }

/* Row `power` of the table, two registers, at 16 places: the low five bits of each. */
MG_INLINE __m512 mg_gelu_coefficient__avx512(int power, __m512i place) {
    const float *row = mg_gelu_table[power];
    return _mm512_permutex2var_ps(_mm512_load_ps(row), place, _mm512_load_ps(row + 16));
}

/* Sizes are compared as integers, which has four pipes of the processor instead of two. A float's bits are ordered like
   its value from 0 up, and negative if it is: so `up` is x below the last piece and -inf where x is, and then t·0 is
   NaN, as -inf·0 in the definition. */
MG_INLINE __m512 mg_gelu_erf__avx512(__m512 x) {
    const __m512i last = _mm512_castps_si512(_mm512_set1_ps(MG_GELU_LAST));
    const __m512 find = _mm512_set1_ps(MG_GELU_FIND);
    __m512i bits = _mm512_castps_si512(x), up = _mm512_min_epi32(bits, last);
    __m512i size = _mm512_and_si512(up, _mm512_set1_epi32(0x7fffffff));
    __m512 t = _mm512_castsi512_ps(size),
           positive = _mm512_castsi512_ps(_mm512_max_epi32(bits, _mm512_setzero_si512()));
    __m512 widths = _mm512_mul_ps(_mm512_castsi512_ps(_mm512_min_epi32(size, last)), _mm512_set1_ps(MG_GELU_PER_WIDTH));
    __m512 found = _mm512_add_ps(widths, find), r = _mm512_sub_ps(widths, _mm512_sub_ps(found, find));
    __m512i place = _mm512_castps_si512(found);
    __m512 q = mg_gelu_coefficient__avx512(3, place);
    q = _mm512_fmadd_ps(q, r, mg_gelu_coefficient__avx512(2, place));
    q = _mm512_fmadd_ps(q, r, mg_gelu_coefficient__avx512(1, place));
    q = _mm512_fmadd_ps(q, r, mg_gelu_coefficient__avx512(0, place));
    return _mm512_fnmadd_ps(t, q, positive);
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
