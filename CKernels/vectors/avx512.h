#pragma once
/* A vector of 16 floats of AVX-512, under the names that all kernels are written in. Partial vectors are masked, so
   nothing beyond a row is read or written. Include it outside a target region. */
#include <immintrin.h>
#include <stdint.h>

#include "mg_target.h"

#define MG_LANES 16
#define MG_REGISTERS 32
/* A vector is as wide as a line: unless it lies on one, it touches two. */
#define MG_SPLITS 1
typedef __m512 mg_lanes;

MG_TARGET("avx512f,avx512bw,avx512dq")

MG_INLINE __mmask16 mg_first(int64_t count) { return (__mmask16)((1u << count) - 1); }

MG_INLINE mg_lanes mg_zero(void) { return _mm512_setzero_ps(); }
MG_INLINE mg_lanes mg_splat(float value) { return _mm512_set1_ps(value); }
MG_INLINE mg_lanes mg_broadcast(const float *p) { return _mm512_set1_ps(*p); }
MG_INLINE mg_lanes mg_load(const float *p) { return _mm512_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { _mm512_storeu_ps(p, v); }

/* Parts of a vector: a name with `first` takes a count below MG_LANES, one with `some` a count up to it, one with
   `left` any number, the lanes of the vector that lie below it. Nothing else is read or written. */

/* The others are `fill`. */
MG_INLINE mg_lanes mg_load_first(const float *p, int64_t count, float fill) {
    return _mm512_mask_loadu_ps(_mm512_set1_ps(fill), mg_first(count), p);
}
MG_INLINE void mg_store_first(float *p, mg_lanes v, int64_t count) { _mm512_mask_storeu_ps(p, mg_first(count), v); }
/* The others are 0. */
MG_INLINE mg_lanes mg_load_some(const float *p, int64_t count) { return _mm512_maskz_loadu_ps(mg_first(count), p); }
MG_INLINE void mg_store_some(float *p, mg_lanes v, int64_t count) { _mm512_mask_storeu_ps(p, mg_first(count), v); }
MG_INLINE __mmask16 mg_left(int64_t left) {
    return left >= 16 ? 0xffff : left <= 0 ? 0 : (__mmask16)((1u << left) - 1);
}
MG_INLINE mg_lanes mg_load_left(const float *p, int64_t left) { return _mm512_maskz_loadu_ps(mg_left(left), p); }
MG_INLINE void mg_store_left(float *p, mg_lanes v, int64_t left) { _mm512_mask_storeu_ps(p, mg_left(left), v); }
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
/* c - a·b, rounded once. */
MG_INLINE mg_lanes mg_fnma(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm512_fnmadd_ps(a, b, c); }
MG_INLINE mg_lanes mg_div(mg_lanes a, mg_lanes b) { return _mm512_div_ps(a, b); }
MG_INLINE mg_lanes mg_sqrt(mg_lanes v) { return _mm512_sqrt_ps(v); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return _mm512_max_ps(a, b); }

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

typedef __mmask16 mg_mask;

/* The lanes i >= first; `first` may be negative or beyond the vector. */
MG_INLINE mg_mask mg_lanes_from(int64_t first) {
    int32_t from = first < 0 ? 0 : first > 16 ? 16 : (int32_t)first;
    return (mg_mask)(0xffffu << from);
}
/* v where the mask is set, else 0. */
MG_INLINE mg_lanes mg_keep(mg_mask mask, mg_lanes v) { return _mm512_maskz_mov_ps(mask, v); }
/* a·b + c where the mask is set, c elsewhere, if b is finite; a may be anything there. */
MG_INLINE mg_lanes mg_fma_where(mg_mask mask, mg_lanes a, mg_lanes b, mg_lanes c) {
    return _mm512_mask3_fmadd_ps(a, b, c, mask);
}
/* v where the mask is set, else `other`. */
MG_INLINE mg_lanes mg_choose(mg_mask mask, mg_lanes v, mg_lanes other) { return _mm512_mask_mov_ps(other, mask, v); }
/* 1/v, and 0 for 0. */
MG_INLINE mg_lanes mg_inverse(mg_lanes v) {
    return _mm512_maskz_div_ps(_mm512_cmp_ps_mask(v, _mm512_setzero_ps(), _CMP_NEQ_UQ), _mm512_set1_ps(1), v);
}
/* v·by, and 0 where `by` is 0 even if v is NaN. */
MG_INLINE mg_lanes mg_mul_or_zero(mg_lanes v, mg_lanes by) {
    return _mm512_maskz_mul_ps(_mm512_cmp_ps_mask(by, _mm512_setzero_ps(), _CMP_NEQ_UQ), v, by);
}

/* Quarter sums of four vectors: the lanes 4·b + i of the result, over b, come to the sum over v[i]. */
MG_INLINE mg_lanes mg_sums_of_4(const mg_lanes v[4]) {
    __m512d a = _mm512_castps_pd(_mm512_add_ps(_mm512_unpacklo_ps(v[0], v[1]), _mm512_unpackhi_ps(v[0], v[1])));
    __m512d b = _mm512_castps_pd(_mm512_add_ps(_mm512_unpacklo_ps(v[2], v[3]), _mm512_unpackhi_ps(v[2], v[3])));
    return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
}

/* Lane 4·n + i of the result is the sum i of u[n], the quarter sums of four vectors. */
MG_INLINE mg_lanes mg_sums_of_quarters(const mg_lanes u[4]) {
    __m512 x = _mm512_add_ps(_mm512_shuffle_f32x4(u[0], u[1], 0x88), _mm512_shuffle_f32x4(u[0], u[1], 0xdd));
    __m512 y = _mm512_add_ps(_mm512_shuffle_f32x4(u[2], u[3], 0x88), _mm512_shuffle_f32x4(u[2], u[3], 0xdd));
    return _mm512_add_ps(_mm512_shuffle_f32x4(x, y, 0x88), _mm512_shuffle_f32x4(x, y, 0xdd));
}

/* Lane i of the result is the sum over v[i]. */
MG_INLINE mg_lanes mg_sums_of(const mg_lanes v[16]) {
    mg_lanes u[4] = {mg_sums_of_4(v), mg_sums_of_4(v + 4), mg_sums_of_4(v + 8), mg_sums_of_4(v + 12)};
    return mg_sums_of_quarters(u);
}

/* 2·MG_LANES values of bf16 as f32: those at even places and those at odd ones. */
MG_INLINE void mg_widen(const uint16_t *p, mg_lanes *even, mg_lanes *odd) {
    __m512i both = _mm512_loadu_si512(p);
    *even = _mm512_castsi512_ps(_mm512_slli_epi32(both, 16));
    *odd = _mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32((int)0xffff0000)));
}
/* The first `count` < 2·MG_LANES of them, and 0 beyond. */
MG_INLINE void mg_widen_first(const uint16_t *p, int64_t count, mg_lanes *even, mg_lanes *odd) {
    __m512i both = _mm512_maskz_loadu_epi16((1u << count) - 1, p);
    *even = _mm512_castsi512_ps(_mm512_slli_epi32(both, 16));
    *odd = _mm512_castsi512_ps(_mm512_and_si512(both, _mm512_set1_epi32((int)0xffff0000)));
}

/* A square of 16 vectors: rows become columns, in place. */
MG_INLINE void mg_transpose(__m512 r[16]) {
    __m512 s[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) {
        __m512 low01 = _mm512_unpacklo_ps(r[i], r[i + 1]), high01 = _mm512_unpackhi_ps(r[i], r[i + 1]);
        __m512 low23 = _mm512_unpacklo_ps(r[i + 2], r[i + 3]), high23 = _mm512_unpackhi_ps(r[i + 2], r[i + 3]);
        s[i] = _mm512_shuffle_ps(low01, low23, 0x44);
        s[i + 1] = _mm512_shuffle_ps(low01, low23, 0xee);
        s[i + 2] = _mm512_shuffle_ps(high01, high23, 0x44);
        s[i + 3] = _mm512_shuffle_ps(high01, high23, 0xee);
    }
    /* s[4·g + c], quarter b = column 4·b + c of the rows 4·g ..< 4·g + 4: transpose the quarters. */
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        __m512 even01 = _mm512_shuffle_f32x4(s[c], s[4 + c], 0x88), odd01 = _mm512_shuffle_f32x4(s[c], s[4 + c], 0xdd);
        __m512 even23 = _mm512_shuffle_f32x4(s[8 + c], s[12 + c], 0x88);
        __m512 odd23 = _mm512_shuffle_f32x4(s[8 + c], s[12 + c], 0xdd);
        r[c] = _mm512_shuffle_f32x4(even01, even23, 0x88);
        r[4 + c] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
        r[8 + c] = _mm512_shuffle_f32x4(even01, even23, 0xdd);
        r[12 + c] = _mm512_shuffle_f32x4(odd01, odd23, 0xdd);
    }
}

MG_UNTARGET
