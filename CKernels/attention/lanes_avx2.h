#pragma once
/* What attention needs beyond the vector of the row kernels: lane masks, transposition, and sums of many vectors at
   once, bf16 made f32. 8 floats of AVX2. */
#include <string.h>

#include "../matmul/mg_transpose_avx2.h"
#include "../softmax/lanes_avx2.h"

/* The register tile of flash.h: 4 rows of 2 vectors are 8 sums, as many as two multiply-adds a cycle keep in flight;
   with 3 vectors the 16 registers did not suffice, and half the time went into sums that were put aside. */
#define MG_TILE_ROWS 4
#define MG_TILE_VECTORS 2
#ifndef MG_TILE_KEYS
#define MG_TILE_KEYS 256
#endif

MG_TARGET("avx2,fma")

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

MG_UNTARGET
