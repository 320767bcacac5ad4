#pragma once
/* The tiles of gemm.tmpl.h for AVX2: 6 × 16, so 12 of the 16 registers accumulate, two hold a row of the panel
   and two take turns with the values of A. Twelve sums cover the latency of two FMA pipes. */
#include "functions/avx2.h"

MG_TARGET_AVX2

enum { GEMM_VECTORS = 2 };
#define GEMM_ROWS 6
#define GEMM_THIN 1
#define GEMM_UNIT 1

MG_INLINE mg_lanes gemm_multiply_add(mg_lanes sum, mg_lanes a, mg_lanes b) { return _mm256_fmadd_ps(a, b, sum); }

#include "gemm_quad_x86.tmpl.h"
/* The first `bytes` < 16 of a quad, and zeros. */
MG_INLINE gemm_quad gemm_quad_load_part(const void *p, int64_t bytes) {
    return _mm_maskload_ps(p, _mm256_castsi256_si128(mg_left(bytes / 4)));
}
MG_INLINE gemm_quad gemm_quad_multiply_add(gemm_quad sum, gemm_quad a, gemm_quad b) { return _mm_fmadd_ps(a, b, sum); }
MG_UNTARGET
