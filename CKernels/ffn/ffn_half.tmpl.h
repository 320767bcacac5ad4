#pragma once
/* The hidden values as bf16, for the second product of a layer in bf16. Include inside the target region of AVX-512
   BF16, after gemm.tmpl.h. vcvtneps2bf16 rounds to the nearest, ties to even, and takes subnormal values for zero. */
#include <stdint.h>

/* `count` <= 8 floats as 8 bf16, zeros behind them. */
MG_INLINE void ffn_half(const float *x, int64_t count, void *out) {
    __mmask8 first = (__mmask8)(count >= 8 ? 0xff : (1u << count) - 1);
    _mm_storeu_si128(out, (__m128i)_mm256_cvtneps_pbh(_mm256_maskz_loadu_ps(first, x)));
}

/* `columns` values of a row. */
MG_INLINE void ffn_half_row(const float *x, int64_t columns, uint16_t *out) {
    int64_t at = 0;
    for (; at + 8 <= columns; at += 8)
        ffn_half(x + at, 8, out + at);
    if (at < columns) {
        uint16_t last[8];
        ffn_half(x + at, columns - at, last);
        memcpy(out + at, last, (size_t)(columns - at) * sizeof *last);
    }
}

/* Hidden values [rows][ldx] of some columns into the slivers of gemm.tmpl.h, as gemm_pack_rows would pack them from
   bf16: a sliver holds `units` units of each of its rows, of which these columns are those from `from` on. */
static inline void ffn_half_slivers(const float *x, int64_t ldx, int64_t rows, int64_t columns, int64_t from,
                                    int64_t units, uint32_t *slivers) {
    int64_t count = (rows + GEMM_ROWS - 1) / GEMM_ROWS;
    for (int64_t s = 0; s < count; s++) {
        int64_t row = rows * s / count, height = rows * (s + 1) / count - row;
        uint32_t *sliver = slivers + row * units + from * height;
        for (int64_t i = 0; i < height; i++) {
            const float *values = x + (row + i) * ldx;
            for (int64_t at = 0; at < columns; at += 8)
                ffn_half(values + at, columns - at, sliver + (at / 8 * height + i) * 4);
        }
    }
}
