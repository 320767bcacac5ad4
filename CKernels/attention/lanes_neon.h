#pragma once
/* What attention needs beyond the vector of the row kernels: lane masks, transposition, and sums of many vectors at
   once, bf16 made f32. 4 floats of NEON. */
#include <string.h>

#include "../matmul/mg_transpose_neon.h"
#include "../softmax/lanes_neon.h"

/* The register tile of flash.h: 8 rows of 3 vectors are 24 sums, 3 operands and a broadcast of the 32 registers. */
#define MG_TILE_ROWS 8
#define MG_TILE_VECTORS 3
#ifndef MG_TILE_KEYS
#define MG_TILE_KEYS 256
#endif

typedef uint32x4_t mg_mask;

/* The lanes i >= first; `first` may be negative or beyond the vector. */
MG_INLINE mg_mask mg_lanes_from(int64_t first) {
    static const int32_t lane[4] = {0, 1, 2, 3};
    int32_t from = first < 0 ? 0 : first > 4 ? 4 : (int32_t)first;
    return vcgeq_s32(vld1q_s32(lane), vdupq_n_s32(from));
}
/* v where the mask is set, else 0. */
MG_INLINE mg_lanes mg_keep(mg_mask mask, mg_lanes v) {
    return vreinterpretq_f32_u32(vandq_u32(mask, vreinterpretq_u32_f32(v)));
}
/* a·b + c where the mask is set, c elsewhere, if b is finite; a may be anything there. */
MG_INLINE mg_lanes mg_fma_where(mg_mask mask, mg_lanes a, mg_lanes b, mg_lanes c) {
    return mg_fma(mg_keep(mask, a), b, c);
}
/* v where the mask is set, else `other`. */
MG_INLINE mg_lanes mg_choose(mg_mask mask, mg_lanes v, mg_lanes other) { return vbslq_f32(mask, v, other); }
/* 1/sum, and 0 where sum is 0. */
MG_INLINE mg_lanes mg_inverse(mg_lanes sum) {
    return mg_keep(vmvnq_u32(vceqzq_f32(sum)), vdivq_f32(vdupq_n_f32(1), sum));
}
/* v·by, and 0 where `by` is 0 even if v is NaN. */
MG_INLINE mg_lanes mg_mul_or_zero(mg_lanes v, mg_lanes by) {
    return mg_keep(vmvnq_u32(vceqzq_f32(by)), vmulq_f32(v, by));
}

/* Lane i of the result is the sum over v[i]. */
MG_INLINE mg_lanes mg_sums_of(const mg_lanes v[4]) {
    return vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3]));
}

/* 2·MG_LANES values of bf16 as f32: those at even places and those at odd ones. */
MG_INLINE void mg_widen(const uint16_t *p, mg_lanes *even, mg_lanes *odd) {
    uint32x4_t both = vreinterpretq_u32_u16(vld1q_u16(p));
    *even = vreinterpretq_f32_u32(vshlq_n_u32(both, 16));
    *odd = vreinterpretq_f32_u32(vandq_u32(both, vdupq_n_u32(0xffff0000)));
}
/* The first `count` < 2·MG_LANES of them, and 0 beyond. */
MG_INLINE void mg_widen_first(const uint16_t *p, int64_t count, mg_lanes *even, mg_lanes *odd) {
    uint16_t some[8] = {0};
    memcpy(some, p, (size_t)count * sizeof *p);
    mg_widen(some, even, odd);
}
