/* Four units of K of one row, for a column that is alone (gemm_single.tmpl.h), on every x86 vector: a vector file
   includes this inside its target region and adds gemm_quad_load_part and gemm_quad_multiply_add. */
#define GEMM_QUAD
typedef __m128 gemm_quad;
MG_INLINE gemm_quad gemm_quad_zero(void) { return _mm_setzero_ps(); }
MG_INLINE gemm_quad gemm_quad_load(const float *p) { return _mm_loadu_ps(p); }
MG_INLINE float gemm_quad_sum(gemm_quad x) {
    gemm_quad pairs = _mm_add_ps(x, _mm_movehdup_ps(x));
    return _mm_cvtss_f32(_mm_add_ss(pairs, _mm_movehl_ps(pairs, pairs)));
}
