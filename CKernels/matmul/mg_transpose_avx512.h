#pragma once
/* A square of 16 × 16 floats in 16 registers, transposed. Include outside a target region. */
#include <immintrin.h>

#include "mg_target.h"
#include "mg_variant.h"

MG_TARGET("avx512f,avx512dq")
/* Rows become columns, in place. */
MG_INLINE void mg_transpose(__m512 r[16]) {
    __m512 s[16];
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i += 4) {
        __m512 low01 = _mm512_unpacklo_ps(r[i], r[i + 1]), high01 = _mm512_unpackhi_ps(r[i], r[i + 1]);
        __m512 low23 = _mm512_unpacklo_ps(r[i + 2], r[i + 3]), high23 = _mm512_unpackhi_ps(r[i + 2], r[i + 3]);
        s[i] = _mm512_shuffle_ps(low01, low23, 0x44);
        s[i + 1] = _mm512_shuffle_ps(low01, low23, 0xee);
        s[i + 2] = _mm512_shuffle_ps(high01, high23, 0x44);
        s[i + 3] = _mm512_shuffle_ps(high01, high23, 0xee);
    }
    /* s[4·g + c], quarter b = column 4·b + c of the rows 4·g ..< 4·g + 4: transpose the quarters. */
#pragma clang loop unroll(full)
    for (int c = 0; c < 4; c++) {
        __m512 even01 = _mm512_shuffle_f32x4(s[c], s[4 + c], 0x88), odd01 = _mm512_shuffle_f32x4(s[c], s[4 + c], 0xdd);
        __m512 even23 = _mm512_shuffle_f32x4(s[8 + c], s[12 + c], 0x88);
        __m512 odd23 = _mm512_shuffle_f32x4(s[8 + c], s[12 + c], 0xdd);
        r[c] = _mm512_shuffle_f32x4(even01, even23, 0x88);
        r[4 + c] = _mm512_shuffle_f32x4(odd01, odd23, 0x88);
        r[8 + c] = _mm512_shuffle_f32x4(even01, even23, 0xdd);
        r[12 + c] = _mm512_shuffle_f32x4(odd01, odd23, 0xdd);
    }
}
MG_UNTARGET
