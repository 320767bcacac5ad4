#pragma once
/* exp for 8 floats: as on AVX-512, with 2^n put together by integer shifts. */
#include <immintrin.h>

#include "exp.h"
#include "mg_target.h"

MG_TARGET("avx2,fma")

/* exp(r) with x = n·ln2 + r; the low bits of *shifted hold n. */
MG_INLINE __m256 mg_exp_reduced__avx2(__m256 x, __m256 *shifted) {
    *shifted = _mm256_fmadd_ps(x, _mm256_set1_ps(MG_EXP_LOG2E), _mm256_set1_ps(MG_EXP_ROUND));
    __m256 n = _mm256_sub_ps(*shifted, _mm256_set1_ps(MG_EXP_ROUND));
    __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(MG_EXP_LN2_HIGH), x);
    r = _mm256_fnmadd_ps(n, _mm256_set1_ps(MG_EXP_LN2_LOW), r);
    __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(MG_EXP_C5), r, _mm256_set1_ps(MG_EXP_C4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_EXP_C3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_EXP_C2));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_EXP_C1));
    return _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
}

/* exp(x) for x <= 0 and NaN, the only arguments that a softmax has once its maximum is subtracted. */
MG_INLINE __m256 mg_exp_nonpositive__avx2(__m256 x) {
    __m256 shifted, p = mg_exp_reduced__avx2(x, &shifted);
    /* A multiplication, because it hands NaN on, which adding n to the exponent field would not. */
    __m256i power = _mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(shifted), 23), _mm256_set1_epi32(127 << 23));
    __m256 result = _mm256_mul_ps(p, _mm256_castsi256_ps(power));
    return _mm256_and_ps(result, _mm256_cmp_ps(x, _mm256_set1_ps(MG_EXP_LOWEST), _CMP_NLT_UQ));
}

/* exp(x) for every x. */
MG_INLINE __m256 mg_exp__avx2(__m256 x) {
    __m256 shifted, p = mg_exp_reduced__avx2(x, &shifted);
    /* n = 128 is no exponent of a float, but p < 1 there, so adding n to p's exponent field still is. */
    __m256i power = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    __m256 result = _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
    __m256 above = _mm256_cmp_ps(x, _mm256_set1_ps(MG_EXP_HIGHEST), _CMP_NLE_UQ);
    /* Above the threshold x·inf is +inf, and NaN for NaN. */
    result = _mm256_blendv_ps(result, _mm256_mul_ps(x, _mm256_set1_ps(__builtin_inff())), above);
    return _mm256_and_ps(result, _mm256_cmp_ps(x, _mm256_set1_ps(MG_EXP_LOWEST), _CMP_NLT_UQ));
}

/* 2^t for t <= 128, -inf and NaN; 0 below -126, and 2^128 is +inf. */
MG_INLINE __m256 mg_exp2__avx2(__m256 t) {
    t = _mm256_max_ps(_mm256_set1_ps(-127), t); /* NaN comes from the second operand */
    __m256 n = _mm256_floor_ps(t), r = _mm256_sub_ps(t, n);
    __m256 p = _mm256_fmadd_ps(_mm256_set1_ps(MG_EXP2_C5), r, _mm256_set1_ps(MG_EXP2_C4));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_EXP2_C3));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_EXP2_C2));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(MG_EXP2_C1));
    p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1));
    __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
}

MG_UNTARGET
