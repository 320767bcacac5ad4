/* The vectors of gemm.h for AVX2: tiles of 6 × 16, so 12 of the 16 registers accumulate, two hold a row of the panel
   and two take turns with the values of A. Twelve sums cover the latency of two FMA pipes. */
#include <immintrin.h>

#include <stdint.h>
#include <string.h>

#include "../ffn/mg_activation_avx2.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET_AVX2

enum { GEMM_LANES = 8, GEMM_VECTORS = 2 };
#define GEMM_ROWS 6
#define GEMM_THIN 1
#define GEMM_UNIT 1

typedef __m256 gemm_vec;

/* The lanes below `left`, as a mask of sign bits. */
MG_INLINE __m256i gemm_mask(int64_t left) {
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(left > 8 ? 8 : left < 0 ? 0 : (int)left), lane);
}
MG_INLINE gemm_vec gemm_zero(void) { return _mm256_setzero_ps(); }
MG_INLINE gemm_vec gemm_load(const float *p) { return _mm256_loadu_ps(p); }
MG_INLINE gemm_vec gemm_load_part(const float *p, int64_t left) { return _mm256_maskload_ps(p, gemm_mask(left)); }
MG_INLINE void gemm_store(float *p, gemm_vec x) { _mm256_storeu_ps(p, x); }
/* The first `count` < 8 floats of v, by halves: vmaskmovps is microcode when it stores (Zen 4: about 20 cycles). */
MG_INLINE void gemm_store_first(float *p, __m256 v, int64_t count) {
    __m128 q = _mm256_castps256_ps128(v);
    if (count & 4) {
        _mm_storeu_ps(p, q);
        q = _mm256_extractf128_ps(v, 1);
        p += 4;
    }
    if (count & 2) {
        _mm_storel_pi((__m64 *)p, q);
        q = _mm_movehl_ps(q, q);
        p += 2;
    }
    if (count & 1)
        _mm_store_ss(p, q);
}
MG_INLINE void gemm_store_part(float *p, gemm_vec x, int64_t left) {
    if (left >= 8)
        gemm_store(p, x);
    else if (left > 0)
        gemm_store_first(p, x, left);
}
MG_INLINE gemm_vec gemm_broadcast(const float *p) { return _mm256_broadcast_ss(p); }
MG_INLINE gemm_vec gemm_add(gemm_vec a, gemm_vec b) { return _mm256_add_ps(a, b); }
MG_INLINE gemm_vec gemm_multiply(gemm_vec a, gemm_vec b) { return _mm256_mul_ps(a, b); }
MG_INLINE gemm_vec gemm_multiply_add(gemm_vec sum, gemm_vec a, gemm_vec b) { return _mm256_fmadd_ps(a, b, sum); }
MG_INLINE gemm_vec gemm_activate(gemm_vec x, mg_activation a) { return mg_activate__avx2(x, a); }

#include "gemm_quad_x86.h"
/* The first `bytes` < 16 of a quad, and zeros. */
MG_INLINE gemm_quad gemm_quad_load_part(const void *p, int64_t bytes) {
    return _mm_maskload_ps(p, _mm256_castsi256_si128(gemm_mask(bytes / 4)));
}
MG_INLINE gemm_quad gemm_quad_multiply_add(gemm_quad sum, gemm_quad a, gemm_quad b) { return _mm_fmadd_ps(a, b, sum); }
MG_UNTARGET
