#pragma once
/* What attention needs beyond the vector of the row kernels: lane masks, transposition, and sums of many vectors at
   once, bf16 made f32. 16 floats of AVX-512. */
#include "../matmul/mg_transpose_avx512.h"
#include "../softmax/lanes_avx512.h"

/* The register tile of flash.h: 8 rows of 3 vectors are 24 sums, 3 operands and a broadcast of the 32 registers. */
#define MG_TILE_ROWS 8
#define MG_TILE_VECTORS 3
#ifndef MG_TILE_KEYS
#define MG_TILE_KEYS 256
#endif

MG_TARGET("avx512f,avx512bw,avx512dq")

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

MG_UNTARGET
