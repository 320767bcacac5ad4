/* The vectors of gemm.h for NEON: tiles of 6 × 16, so 24 of the 32 registers accumulate, four hold a row of the panel
   and one a value of A. */
#include <arm_neon.h>

#include <stdint.h>
#include <string.h>

#include "../ffn/mg_activation_neon.h"
#include "mg_target.h"
#include "mg_variant.h"

enum { GEMM_LANES = 4, GEMM_VECTORS = 4 };
#define GEMM_ROWS 6
#define GEMM_THIN 1
#define GEMM_UNIT 1

typedef float32x4_t gemm_vec;

MG_INLINE gemm_vec gemm_zero(void) { return vdupq_n_f32(0); }
MG_INLINE gemm_vec gemm_load(const float *p) { return vld1q_f32(p); }
/* NEON has no masked access: the last columns go through a whole vector on the stack. */
MG_INLINE gemm_vec gemm_load_part(const float *p, int64_t left) {
    if (left >= 4)
        return vld1q_f32(p);
    float lanes[4] = {0};
    for (int64_t i = 0; i < left; i++)
        lanes[i] = p[i];
    return vld1q_f32(lanes);
}
MG_INLINE void gemm_store(float *p, gemm_vec x) { vst1q_f32(p, x); }
MG_INLINE void gemm_store_part(float *p, gemm_vec x, int64_t left) {
    if (left >= 4) {
        vst1q_f32(p, x);
        return;
    }
    float lanes[4];
    vst1q_f32(lanes, x);
    for (int64_t i = 0; i < left; i++)
        p[i] = lanes[i];
}
MG_INLINE gemm_vec gemm_broadcast(const float *p) { return vld1q_dup_f32(p); }
MG_INLINE gemm_vec gemm_add(gemm_vec a, gemm_vec b) { return vaddq_f32(a, b); }
MG_INLINE gemm_vec gemm_multiply(gemm_vec a, gemm_vec b) { return vmulq_f32(a, b); }
MG_INLINE gemm_vec gemm_multiply_add(gemm_vec sum, gemm_vec a, gemm_vec b) { return vfmaq_f32(sum, a, b); }
MG_INLINE gemm_vec gemm_activate(gemm_vec x, mg_activation a) { return mg_activate__neon(x, a); }
