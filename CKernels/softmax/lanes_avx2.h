#pragma once
/* The vector of the row kernels (softmax, norm) as 8 floats of AVX2. Masked loads do not touch what the mask leaves
   out, so nothing beyond a row is read, nor written. */
#include <immintrin.h>
#include <stdint.h>

#include "mg_exp_avx2.h"

#define MG_LANES 8
/* Of vectors that do not lie on a multiple of their size every second touches two lines. */
#define MG_SPLITS 1
typedef __m256 mg_lanes;

MG_TARGET("avx2,fma")

MG_INLINE __m256i mg_first(int64_t count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

MG_INLINE mg_lanes mg_splat(float value) { return _mm256_set1_ps(value); }
MG_INLINE mg_lanes mg_load(const float *p) { return _mm256_loadu_ps(p); }
MG_INLINE void mg_store(float *p, mg_lanes v) { _mm256_storeu_ps(p, v); }
/* The first `count` < MG_LANES values, the others `fill`. */
MG_INLINE mg_lanes mg_load_first(const float *p, int64_t count, float fill) {
    __m256i first = mg_first(count);
    return _mm256_blendv_ps(_mm256_set1_ps(fill), _mm256_maskload_ps(p, first), _mm256_castsi256_ps(first));
}
/* The first `count` < 8 floats of v, by halves: vmaskmovps is microcode when it stores (Zen 4: about 20 cycles). */
MG_INLINE void mg_store_first(float *p, __m256 v, int64_t count) {
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
MG_INLINE mg_lanes mg_div(mg_lanes a, mg_lanes b) { return _mm256_div_ps(a, b); }
MG_INLINE mg_lanes mg_sqrt(mg_lanes v) { return _mm256_sqrt_ps(v); }
MG_INLINE mg_lanes mg_max(mg_lanes a, mg_lanes b) { return _mm256_max_ps(a, b); }
/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__avx2(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__avx2(t); }

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

MG_UNTARGET
