#pragma once
/* A square of 8 × 8 floats in 8 registers, transposed. Include outside a target region. */
#include <immintrin.h>

#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx2,fma")
/* Rows become columns, in place. */
MG_INLINE void mg_transpose(__m256 r[8]) {
    __m256 s[8];
#pragma clang loop unroll(full)
    for (int i = 0; i < 8; i += 4) {
        __m256 low01 = _mm256_unpacklo_ps(r[i], r[i + 1]), high01 = _mm256_unpackhi_ps(r[i], r[i + 1]);
        __m256 low23 = _mm256_unpacklo_ps(r[i + 2], r[i + 3]), high23 = _mm256_unpackhi_ps(r[i + 2], r[i + 3]);
        s[i] = _mm256_shuffle_ps(low01, low23, 0x44);
        s[i + 1] = _mm256_shuffle_ps(low01, low23, 0xee);
        s[i + 2] = _mm256_shuffle_ps(high01, high23, 0x44);
        s[i + 3] = _mm256_shuffle_ps(high01, high23, 0xee);
    }
    /* s[4·g + c], half b = column 4·b + c of the rows 4·g ..< 4·g + 4. */
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        r[c] = _mm256_permute2f128_ps(s[c], s[4 + c], 0x20);
        r[4 + c] = _mm256_permute2f128_ps(s[c], s[4 + c], 0x31);
    }
}
MG_UNTARGET
