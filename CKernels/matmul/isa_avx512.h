/* The vectors of gemm.h for AVX-512: tiles of 14 × 32, so 28 of the 32 registers accumulate, two hold a row of the
   panel and one a value of A. Masks handle the last columns. */
#include <immintrin.h>

#include <stdint.h>
#include <string.h>

#include "../ffn/mg_activation_avx512.h"
#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET_AVX512

enum { GEMM_LANES = 16, GEMM_VECTORS = 2 };
#define GEMM_ROWS 14
#define GEMM_THIN 3
#define GEMM_UNIT 1

typedef __m512 gemm_vec;

MG_INLINE __mmask16 gemm_mask(int64_t left) {
    return left >= 16 ? 0xffff : left <= 0 ? 0 : (__mmask16)((1u << left) - 1);
}
MG_INLINE gemm_vec gemm_zero(void) { return _mm512_setzero_ps(); }
MG_INLINE gemm_vec gemm_load(const float *p) { return _mm512_loadu_ps(p); }
MG_INLINE gemm_vec gemm_load_part(const float *p, int64_t left) { return _mm512_maskz_loadu_ps(gemm_mask(left), p); }
MG_INLINE void gemm_store(float *p, gemm_vec x) { _mm512_storeu_ps(p, x); }
MG_INLINE void gemm_store_part(float *p, gemm_vec x, int64_t left) { _mm512_mask_storeu_ps(p, gemm_mask(left), x); }
MG_INLINE gemm_vec gemm_broadcast(const float *p) { return _mm512_set1_ps(*p); }
MG_INLINE gemm_vec gemm_add(gemm_vec a, gemm_vec b) { return _mm512_add_ps(a, b); }
MG_INLINE gemm_vec gemm_multiply(gemm_vec a, gemm_vec b) { return _mm512_mul_ps(a, b); }
MG_INLINE gemm_vec gemm_multiply_add(gemm_vec sum, gemm_vec a, gemm_vec b) { return _mm512_fmadd_ps(a, b, sum); }
MG_INLINE gemm_vec gemm_activate(gemm_vec x, mg_activation a) { return mg_activate__avx512(x, a); }

/* Half a vector, for the last columns. */
#define GEMM_NARROW
typedef __m256 gemm_narrow;
MG_INLINE gemm_narrow gemm_narrow_zero(void) { return _mm256_setzero_ps(); }
MG_INLINE gemm_narrow gemm_narrow_load(const float *p) { return _mm256_loadu_ps(p); }
MG_INLINE gemm_narrow gemm_narrow_broadcast(const float *p) { return _mm256_broadcast_ss(p); }
MG_INLINE gemm_narrow gemm_narrow_multiply_add(gemm_narrow sum, gemm_narrow a, gemm_narrow b) {
    return _mm256_fmadd_ps(a, b, sum);
}
MG_INLINE gemm_vec gemm_narrow_widened(gemm_narrow x) { return _mm512_zextps256_ps512(x); }

#include "gemm_quad_x86.h"
/* The first `bytes` < 16 of a quad, and zeros. */
MG_INLINE gemm_quad gemm_quad_load_part(const void *p, int64_t bytes) {
    return _mm_castsi128_ps(_mm_maskz_loadu_epi16((__mmask8)((1u << bytes / 2) - 1), p));
}
MG_INLINE gemm_quad gemm_quad_multiply_add(gemm_quad sum, gemm_quad a, gemm_quad b) { return _mm_fmadd_ps(a, b, sum); }
MG_UNTARGET
