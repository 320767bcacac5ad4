#pragma once
/* The vector of the row kernels (softmax, norm) as 16 floats of AVX-512. The row kernels are written once over these
   few functions; partial vectors are masked, so nothing beyond a row is read or written. */
#include <immintrin.h>
#include <stdint.h>

#include "mg_exp_avx512.h"

#define MG_LANES 16
/* A vector is as wide as a line: unless it lies on one, it touches two. */
#define MG_SPLITS 1
typedef __m512 mg_lanes;

MG_TARGET("avx512f,avx512dq")

MG_INLINE __mmask16 mg_first(int64_t count) { return (__mmask16)((1u << count) - 1); }

MG_INLINE mg_lanes mg_splat(float value) { return _mm512_set1_ps(value); }
MG_INLINE mg_lanes mg_load(const float *p) { return _mm512_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { _mm512_storeu_ps(p, v); }
/* The first `count` < MG_LANES values, the others `fill`. */
MG_INLINE mg_lanes mg_load_first(const float *p, int64_t count, float fill) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), mg_first(count), p);
}
MG_INLINE void mg_store_first(float *p, mg_lanes v, int64_t count) { _mm512_mask_storeu_ps(p, mg_first(count), v); }
/* v with 0 beyond the first `count` lanes. */
MG_INLINE mg_lanes mg_keep_first(mg_lanes v, int64_t count) { return _mm512_maskz_mov_ps(mg_first(count), v); }

/* Lanes from ..< to; stored, they lie in the line at p. */
MG_INLINE __mmask16 mg_part(int64_t from, int64_t to) { return (__mmask16)(mg_first(to) & ~mg_first(from)); }
MG_INLINE void mg_store_part(float *p, mg_lanes v, int64_t from, int64_t to) {
    _mm512_mask_storeu_ps(p, mg_part(from, to), v);
}
MG_INLINE mg_lanes mg_keep_part(mg_lanes v, int64_t from, int64_t to) {
    return _mm512_maskz_mov_ps(mg_part(from, to), v);
}
/* Lane `lane` and those above it of `above`, the others of v. */
MG_INLINE mg_lanes mg_from(mg_lanes v, mg_lanes above, int64_t lane) {
    return _mm512_mask_mov_ps(above, mg_first(lane), v);
}
/* Lane (i + by) % 16 in lane i. */
MG_INLINE mg_lanes mg_turned(mg_lanes v, int64_t by) {
    __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_permutexvar_ps(_mm512_add_epi32(lane, _mm512_set1_epi32((int)by)), v);
}

MG_INLINE mg_lanes mg_add(mg_lanes a, mg_lanes b) { return _mm512_add_ps(a, b); }
MG_INLINE mg_lanes mg_sub(mg_lanes a, mg_lanes b) { return _mm512_sub_ps(a, b); }
MG_INLINE mg_lanes mg_mul(mg_lanes a, mg_lanes b) { return _mm512_mul_ps(a, b); }
/* a·b + c, rounded once. */
MG_INLINE mg_lanes mg_fma(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm512_fmadd_ps(a, b, c); }
/* a·b - c, rounded once. */
MG_INLINE mg_lanes mg_fms(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm512_fmsub_ps(a, b, c); }
MG_INLINE mg_lanes mg_div(mg_lanes a, mg_lanes b) { return _mm512_div_ps(a, b); }
MG_INLINE mg_lanes mg_sqrt(mg_lanes v) { return _mm512_sqrt_ps(v); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return _mm512_max_ps(a, b); }
/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__avx512(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__avx512(t); }

MG_INLINE float mg_sum_of(mg_lanes v) {
    __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    q = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}

MG_INLINE float mg_max_of(mg_lanes v) {
    __m256 h = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    q = _mm_max_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

/* The lanes of four vectors folded at once, row r's into all lanes of quarter r: two shuffles serve two rows. Halves,
   quarters, pairs and singles meet in the same order as in mg_sum_of and mg_max_of, so the bits are the same. */
#define MG_FOLD_TWO(op, a, b, low, high) op(_mm512_shuffle_f32x4(a, b, low), _mm512_shuffle_f32x4(a, b, high))
#define MG_FOLD_FOUR(op, v)                                                                                            \
    do {                                                                                                               \
        mg_lanes a = MG_FOLD_TWO(op, v[0], v[1], 0x44, 0xee), b = MG_FOLD_TWO(op, v[2], v[3], 0x44, 0xee);             \
        a = MG_FOLD_TWO(op, a, b, 0x88, 0xdd);                                                                         \
        a = op(a, _mm512_permute_ps(a, 0x4e));                                                                         \
        return op(a, _mm512_permute_ps(a, 0xb1));                                                                      \
    } while (0)
MG_INLINE mg_lanes mg_sums_of_four(const mg_lanes *v) { MG_FOLD_FOUR(_mm512_add_ps, v); }
MG_INLINE mg_lanes mg_maxima_of_four(const mg_lanes *v) { MG_FOLD_FOUR(_mm512_max_ps, v); }
/* Quarter `row` of v in all quarters. */
MG_INLINE mg_lanes mg_quarter(mg_lanes v, int row) {
    switch (row) {
    case 0:
        return _mm512_shuffle_f32x4(v, v, 0x00);
    case 1:
        return _mm512_shuffle_f32x4(v, v, 0x55);
    case 2:
        return _mm512_shuffle_f32x4(v, v, 0xaa);
    default:
        return _mm512_shuffle_f32x4(v, v, 0xff);
    }
}
/* 1/v, and 0 for 0. */
MG_INLINE mg_lanes mg_inverse(mg_lanes v) {
    return _mm512_maskz_div_ps(_mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ), _mm512_set1_ps(1), v);
}

MG_UNTARGET
