#pragma once
/* The tiles of gemm.tmpl.h for AVX-512 BF16: a lane holds two neighbours of K as bf16, and vdpbf16ps adds both products
   to an f32 sum. It treats denormals as zero and rounds its two products' sum once, as the instruction is defined. */
#include <string.h>

#include "functions/avx512.h"

MG_TARGET_AVX512_BF16

enum { GEMM_VECTORS = 2 };
#define GEMM_ROWS 14
#define GEMM_THIN 3
#define GEMM_UNIT 2

/* A value of bf16 and none beside it. */
MG_INLINE mg_lanes gemm_broadcast_half(const void *p) {
    uint16_t half;
    memcpy(&half, p, 2);
    return _mm512_castsi512_ps(_mm512_set1_epi32(half));
}
MG_INLINE mg_lanes gemm_multiply_add(mg_lanes sum, mg_lanes a, mg_lanes b) {
    return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}

/* Half a vector, for the last columns. */
#define GEMM_NARROW
typedef __m256 gemm_narrow;
MG_INLINE gemm_narrow gemm_narrow_zero(void) { return _mm256_setzero_ps(); }
MG_INLINE gemm_narrow gemm_narrow_load(const float *p) { return _mm256_loadu_ps(p); }
MG_INLINE gemm_narrow gemm_narrow_broadcast(const float *p) { return _mm256_broadcast_ss(p); }
MG_INLINE gemm_narrow gemm_narrow_multiply_add(gemm_narrow sum, gemm_narrow a, gemm_narrow b) {
    return _mm256_dpbf16_ps(sum, (__m256bh)a, (__m256bh)b);
}
MG_INLINE mg_lanes gemm_narrow_widened(gemm_narrow x) { return _mm512_zextps256_ps512(x); }

#include "gemm_quad_x86.tmpl.h"
/* The first `bytes` < 16 of a quad, and zeros. */
MG_INLINE gemm_quad gemm_quad_load_part(const void *p, int64_t bytes) {
    return _mm_castsi128_ps(_mm_maskz_loadu_epi16((__mmask8)((1u << bytes / 2) - 1), p));
}
MG_INLINE gemm_quad gemm_quad_multiply_add(gemm_quad sum, gemm_quad a, gemm_quad b) {
    return _mm_dpbf16_ps(sum, (__m128bh)a, (__m128bh)b);
}
MG_UNTARGET
