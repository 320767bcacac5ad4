#pragma once
/* exp for 16 floats: 8 multiply-adds, one subtraction, one compare and vscalef, which multiplies by 2^n without
   integer work and rounds overflow to +inf by itself. */
#include <immintrin.h>

#include "exp.h"
#include "mg_target.h"

MG_TARGET("avx512f,avx512dq")

/* exp(x) for x <= 0 and NaN, the only arguments that a softmax has once its maximum is subtracted. */
MG_INLINE __m512 mg_exp_nonpositive__avx512(__m512 x) {
    /* "Not less than" is true for NaN, so NaN passes and -inf does not. */
    __mmask16 kept = _mm512_cmp_ps_mask(x, _mm512_set1_ps(MG_EXP_LOWEST), _CMP_NLT_UQ);
    __m512 shifted = _mm512_fmadd_ps(x, _mm512_set1_ps(MG_EXP_LOG2E), _mm512_set1_ps(MG_EXP_ROUND));
    __m512 n = _mm512_sub_ps(shifted, _mm512_set1_ps(MG_EXP_ROUND));
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MG_EXP_LN2_HIGH), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MG_EXP_LN2_LOW), r);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(MG_EXP_C5), r, _mm512_set1_ps(MG_EXP_C4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_EXP_C3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_EXP_C2));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_EXP_C1));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
    return _mm512_maskz_scalef_ps(kept, p, n);
}

/* exp(x) for every x. */
MG_INLINE __m512 mg_exp__avx512(__m512 x) {
    /* Beyond 89 the rounding trick would fail; exp(89) overflows already. vminps hands NaN on from its second. */
    return mg_exp_nonpositive__avx512(_mm512_min_ps(_mm512_set1_ps(89), x));
}

/* 2^t for every t: vreduceps gives t - floor(t), and vscalefps takes the floor of its exponent itself.
   Subnormal results are kept. */
MG_INLINE __m512 mg_exp2__avx512(__m512 t) {
    __m512 r = _mm512_reduce_ps(t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(MG_EXP2_C5), r, _mm512_set1_ps(MG_EXP2_C4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_EXP2_C3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_EXP2_C2));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_EXP2_C1));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
    return _mm512_scalef_ps(p, t);
}

MG_UNTARGET
