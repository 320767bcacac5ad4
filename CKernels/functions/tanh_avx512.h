#pragma once
/* tanh of functions/tanh.h for 16 floats: vscalefps makes 2^n, vpternlogd puts the sign back in one instruction. */
#include <immintrin.h>

#include "tanh.h"
#include "mg_target.h"

MG_TARGET("avx512f,avx512dq")

MG_INLINE __m512 mg_tanh__avx512(__m512 x) {
    const __m512 one = _mm512_set1_ps(1);
    __m512 y = _mm512_abs_ps(_mm512_add_ps(x, x));
    y = _mm512_min_ps(_mm512_set1_ps(MG_TANH_HIGHEST), y); /* NaN comes from the second operand */
    __m512 shifted = _mm512_fmadd_ps(y, _mm512_set1_ps(MG_TANH_LOG2E), _mm512_set1_ps(MG_TANH_ROUND));
    __m512 n = _mm512_sub_ps(shifted, _mm512_set1_ps(MG_TANH_ROUND));
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(MG_TANH_LN2), y);
    __m512 p = _mm512_fmadd_ps(_mm512_set1_ps(MG_TANH_D6), r, _mm512_set1_ps(MG_TANH_D5));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_TANH_D4));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_TANH_D3));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(MG_TANH_D2));
    p = _mm512_fmadd_ps(_mm512_mul_ps(r, r), p, r);
    __m512 power = _mm512_scalef_ps(one, n);
    __m512 d = _mm512_fmadd_ps(power, p, _mm512_sub_ps(power, one));
    __m512 size = _mm512_div_ps(d, _mm512_add_ps(d, _mm512_set1_ps(2)));
    /* Bits of `size` but for the sign, which is x's: (mask & size) | (~mask & x). */
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_set1_epi32(0x7fffffff), _mm512_castps_si512(size),
                                                         _mm512_castps_si512(x), 0xca));
}

MG_UNTARGET
