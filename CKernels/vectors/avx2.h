#pragma once
/* A vector of 8 floats of AVX2, under the names that all kernels are written in. Masked loads do not touch what the
   mask leaves out, so nothing beyond a row is read, nor written. Include it outside a target region. */
#include <immintrin.h>
#include <stdint.h>

#include "mg_target.h"

#define MG_LANES 8
#define MG_REGISTERS 16
/* Of vectors that do not lie on a multiple of their size every second touches two lines. */
#define MG_SPLITS 1
typedef __m256 mg_lanes;

MG_TARGET("avx2,fma")

MG_INLINE __m256i mg_first(int64_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

MG_INLINE mg_lanes mg_zero(void) { return _mm256_setzero_ps(); }
MG_INLINE mg_lanes mg_splat(float value) { return _mm256_set1_ps(value); }
MG_INLINE mg_lanes mg_broadcast(const float *p) { return _mm256_broadcast_ss(p); }
MG_INLINE mg_lanes mg_load(const float *p) { return _mm256_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { _mm256_storeu_ps(p, v); }

/* Parts of a vector: a name with `first` takes a count below MG_LANES, one with `some` a count up to it, one with
   `left` any number, the lanes of the vector that lie below it. Nothing else is read or written. */

/* The others are `fill`. */
MG_INLINE mg_lanes mg_load_first(const float *p, int64_t count, float fill) {
    __m256i first = mg_first(count);
    return _mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, first), _mm256_castsi256_ps(first));
}
/* By halves: vmaskmovps is microcode when it stores (Zen 4: about 20 cycles). Written out in both callers, for through
   a function between them the compiler knows less of `count`. */
#define MG_STORE_HALVES(p, v, count)                                                                                   \
    __m128 q = _mm256_castps256_ps128(v);                                                                              \
    if (count & 4) {                                                                                                   \
        _mm_storeu_ps(p, q);                                                                                           \
        q = _mm256_extractf128_ps(v, 1);                                                                               \
        p += 4;                                                                                                        \
    }                                                                                                                  \
    if (count & 2) {                                                                                                   \
        _mm_storel_pi((__m64 *)p, q);                                                                                  \
        q = _mm_movehl_ps(q, q);                                                                                       \
        p += 2;                                                                                                        \
    }                                                                                                                  \
    if (count & 1)                                                                                                     \
    _mm_store_ss(p, q)
MG_INLINE void mg_store_first(float *p, mg_lanes v, int64_t count) { MG_STORE_HALVES(p, v, count); }
/* The others are 0. */
MG_INLINE mg_lanes mg_load_some(const float *p, int64_t count) { return _mm256_maskload_ps(p, mg_first(count)); }
MG_INLINE void mg_store_some(float *p, mg_lanes v, int64_t count) {
    if (count == MG_LANES) {
        mg_store(p, v);
        return;
    }
    MG_STORE_HALVES(p, v, count);
}
MG_INLINE __m256i mg_left(int64_t left) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(left > 8 ? 8 : left < 0 ? 0 : (int)left), lane);
}
MG_INLINE mg_lanes mg_load_left(const float *p, int64_t left) { return _mm256_maskload_ps(p, mg_left(left)); }
MG_INLINE void mg_store_left(float *p, mg_lanes v, int64_t left) {
    if (left >= MG_LANES)
        mg_store(p, v);
    else if (left > 0)
        mg_store_first(p, v, left);
}
/* v with 0 beyond the first `count` lanes. */
MG_INLINE mg_lanes mg_keep_first(mg_lanes v, int64_t count) {
    return _mm256_and_ps(v, _mm256_castsi256_ps(mg_first(count)));
}

/* Lane (i + by) % 8 in lane i. */
MG_INLINE mg_lanes mg_turned(mg_lanes v, int64_t by) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_permutevar8x32_ps(v, _mm256_add_epi32(lane, _mm256_set1_epi32((int)by)));
}
/* Lane `lane` and those above it of `above`, the others of v. */
MG_INLINE mg_lanes mg_from(mg_lanes v, mg_lanes above, int64_t lane) {
    return _mm256_blendv_ps(above, v, _mm256_castsi256_ps(mg_first(lane)));
}
/* As mg_store_first and mg_keep_first, of lanes from ..< to. */
MG_INLINE __m256i mg_part(int64_t from, int64_t to) { return _mm256_andnot_si256(mg_first(from), mg_first(to)); }
MG_INLINE void mg_store_part(float *p, mg_lanes v, int64_t from, int64_t to) {
    mg_store_first(p + from, mg_turned(v, from), to - from);
}
MG_INLINE mg_lanes mg_keep_part(mg_lanes v, int64_t from, int64_t to) {
    return _mm256_and_ps(v, _mm256_castsi256_ps(mg_part(from, to)));
}

MG_INLINE mg_lanes mg_add(mg_lanes a, mg_lanes b) { return _mm256_add_ps(a, b); }
MG_INLINE mg_lanes mg_sub(mg_lanes a, mg_lanes b) { return _mm256_sub_ps(a, b); }
MG_INLINE mg_lanes mg_mul(mg_lanes a, mg_lanes b) { return _mm256_mul_ps(a, b); }
/* a·b + c, rounded once. */
MG_INLINE mg_lanes mg_fma(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm256_fmadd_ps(a, b, c); }
/* a·b - c, rounded once. */
MG_INLINE mg_lanes mg_fms(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm256_fmsub_ps(a, b, c); }
/* c - a·b, rounded once. */
MG_INLINE mg_lanes mg_fnma(mg_lanes a, mg_lanes b, mg_lanes c) { return _mm256_fnmadd_ps(a, b, c); }
MG_INLINE mg_lanes mg_div(mg_lanes a, mg_lanes b) { return _mm256_div_ps(a, b); }
MG_INLINE mg_lanes mg_sqrt(mg_lanes v) { return _mm256_sqrt_ps(v); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return _mm256_max_ps(a, b); }

MG_INLINE float mg_sum_of(mg_lanes v) {
    __m128 q = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    q = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}

MG_INLINE float mg_max_of(mg_lanes v) {
    __m128 q = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    q = _mm_max_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

typedef __m256 mg_mask;

/* The lanes i >= first; `first` may be negative or beyond the vector. */
MG_INLINE mg_mask mg_lanes_from(int64_t first) {
    int32_t from = first < 0 ? 0 : first > 8 ? 8 : (int32_t)first;
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_castsi256_ps(_mm256_cmpgt_epi32(lane, _mm256_set1_epi32(from - 1)));
}
/* v where the mask is set, else 0. */
MG_INLINE mg_lanes mg_keep(mg_mask mask, mg_lanes v) { return _mm256_and_ps(mask, v); }
/* a·b + c where the mask is set, c elsewhere, if b is finite; a may be anything there. */
MG_INLINE mg_lanes mg_fma_where(mg_mask mask, mg_lanes a, mg_lanes b, mg_lanes c) {
    return mg_fma(mg_keep(mask, a), b, c);
}
/* v where the mask is set, else `other`. */
MG_INLINE mg_lanes mg_choose(mg_mask mask, mg_lanes v, mg_lanes other) { return _mm256_blendv_ps(other, v, mask); }
/* 1/sum, and 0 where sum is 0. */
MG_INLINE mg_lanes mg_inverse(mg_lanes sum) {
    __m256 some = _mm256_cmp_ps(sum, _mm256_setzero_ps(), _CMP_NEQ_UQ);
    return _mm256_and_ps(some, _mm256_div_ps(_mm256_set1_ps(1), sum));
}
/* v·by, and 0 where `by` is 0 even if v is NaN. */
MG_INLINE mg_lanes mg_mul_or_zero(mg_lanes v, mg_lanes by) {
    return _mm256_and_ps(_mm256_cmp_ps(by, _mm256_setzero_ps(), _CMP_NEQ_UQ), _mm256_mul_ps(v, by));
}

/* Lane i of the result is the sum over v[i]. */
MG_INLINE mg_lanes mg_sums_of(const mg_lanes v[8]) {
    __m256 u[2];
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; i++) {
        const mg_lanes *w = v + 4 * i;
        __m256d a = _mm256_castps_pd(_mm256_add_ps(_mm256_unpacklo_ps(w[0], w[1]), _mm256_unpackhi_ps(w[0], w[1])));
        __m256d b = _mm256_castps_pd(_mm256_add_ps(_mm256_unpacklo_ps(w[2], w[3]), _mm256_unpackhi_ps(w[2], w[3])));
        u[i] = _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));
    }
    return _mm256_add_ps(_mm256_permute2f128_ps(u[0], u[1], 0x20), _mm256_permute2f128_ps(u[0], u[1], 0x31));
}

/* 2·MG_LANES values of bf16 as f32: those at even places and those at odd ones. */
MG_INLINE void mg_widen(const uint16_t *p, mg_lanes *even, mg_lanes *odd) {
    __m256i both = _mm256_loadu_si256((const __m256i *)p);
    *even = _mm256_castsi256_ps(_mm256_slli_epi32(both, 16));
    *odd = _mm256_castsi256_ps(_mm256_and_si256(both, _mm256_set1_epi32((int)0xffff0000)));
}
/* The first `count` of them, more than none and fewer than all, and 0 beyond. */
MG_INLINE void mg_widen_first(const uint16_t *p, int64_t count, mg_lanes *even, mg_lanes *odd) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), pairs = _mm256_set1_epi32((int32_t)(count / 2));
    __m256i both = _mm256_maskload_epi32((const int *)p, _mm256_cmpgt_epi32(pairs, lane));
    /* An odd last value is the lower half of the lane that follows. */
    __m256i own = _mm256_and_si256(_mm256_cmpeq_epi32(pairs, lane), _mm256_set1_epi32(count % 2 ? 0xffff : 0));
    both = _mm256_or_si256(both, _mm256_and_si256(own, _mm256_set1_epi16((int16_t)p[count - 1])));
    *even = _mm256_castsi256_ps(_mm256_slli_epi32(both, 16));
    *odd = _mm256_castsi256_ps(_mm256_and_si256(both, _mm256_set1_epi32((int)0xffff0000)));
}

/* A square of 8 vectors: rows become columns, in place. */
MG_INLINE void mg_transpose(__m256 r[8]) {
    __m256 s[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 4) {
        __m256 low01 = _mm256_unpacklo_ps(r[i], r[i + 1]), high01 = _mm256_unpackhi_ps(r[i], r[i + 1]);
        __m256 low23 = _mm256_unpacklo_ps(r[i + 2], r[i + 3]), high23 = _mm256_unpackhi_ps(r[i + 2], r[i + 3]);
        s[i] = _mm256_shuffle_ps(low01, low23, 0x44);
        s[i + 1] = _mm256_shuffle_ps(low01, low23, 0xee);
        s[i + 2] = _mm256_shuffle_ps(high01, high23, 0x44);
        s[i + 3] = _mm256_shuffle_ps(high01, high23, 0xee);
    }
    /* s[4·g + c], half b = column 4·b + c of the rows 4·g ..< 4·g + 4. */
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        r[c] = _mm256_permute2f128_ps(s[c], s[4 + c], 0x20);
        r[4 + c] = _mm256_permute2f128_ps(s[c], s[4 + c], 0x31);
    }
}

MG_UNTARGET
