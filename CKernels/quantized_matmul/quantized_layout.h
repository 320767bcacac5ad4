#pragma once
/* Packed weights, the same for every instruction set: panels of 16 output rows, so that a vector register holds one
   k-quad (four neighbouring k, one byte each) of 16, 8 or 4 rows and every product ends in the lane of its row: no
   horizontal sums.

   A panel is its scales, then its quants, both whole cache lines:

     quants, a block of 32 k   8-bit formats: 8 lines,   line q, row r = the four int8 of k = 4q .. 4q+3
                               4-bit formats: 4 lines,   line q, row r = low nibbles k = 4q .. 4q+3, high nibbles k+16
     scales, a block of 32 k   Q8_0, Q4_0: f16 d[16]     Q4_1: f16 d[16], f16 m[16]
     scales, 256 k             Q4_K: f16 d[16], f16 dmin[16], then for each of 8 sub-blocks u8 scale[16], u8 min[16]
     scales, the whole row     INT8: f32 scale[16]

   Rows beyond n and, for INT8, k beyond the row's end are zero bytes. The number of panels is even. */
#include <string.h>

#include "mg_quantized_matmul.h"
#include "mg_target.h"

enum { MG_BLOCK = 32, MG_PANEL = 16 };

typedef struct mg_layout {
    mg_quantization format;
    int64_t panels, blocks;            /* panels of 16 rows; blocks of 32 k */
    int64_t scales_bytes, panel_bytes; /* the quants of a panel begin at scales_bytes */
} mg_layout;

MG_INLINE int64_t mg_whole_lines(int64_t bytes) { return (bytes + 63) / 64 * 64; }

MG_INLINE int mg_is_8bit(mg_quantization format) { return format == MG_Q8_0 || format == MG_INT8; }

MG_INLINE int64_t mg_quants_bytes(mg_quantization format) { return mg_is_8bit(format) ? 512 : 256; }

static inline mg_layout mg_layout_of(const mg_quantized_matmul *q) {
    mg_layout l = {.format = q->format, .panels = (q->n + 31) / 32 * 2, .blocks = (q->k + 31) / 32};
    int64_t scales = 64;
    if (q->format == MG_Q8_0 || q->format == MG_Q4_0)
        scales = l.blocks * 32;
    if (q->format == MG_Q4_1)
        scales = l.blocks * 64;
    if (q->format == MG_Q4_K)
        scales = l.blocks / 8 * 320;
    l.scales_bytes = mg_whole_lines(scales);
    l.panel_bytes = l.scales_bytes + l.blocks * mg_quants_bytes(q->format);
    return l;
}

static inline const char *mg_layout_refuses(const void *arguments) {
    const mg_quantized_matmul *q = arguments;
    int64_t block = q->format == MG_INT8 ? 1 : q->format == MG_Q4_K ? 256 : 32;
    if (q->k % block)
        return "k is not a multiple of the format's block";
    if (q->k > 65536)
        return "k is above 65536, where a row's int32 sum could overflow";
    return NULL;
}

static inline size_t mg_layout_bytes(const void *arguments) {
    mg_layout l = mg_layout_of(arguments);
    return (size_t)(l.panels * l.panel_bytes) + 64;
}

/* Packed buffers of 64-byte alignment are promised for workspaces only, so lines begin at the first multiple of 64. */
static inline uint8_t *mg_layout_base(const void *packed) {
    return (uint8_t *)(((uintptr_t)packed + 63) & ~(uintptr_t)63);
}

/* Scale and min of Q4_K's sub-block j from its twelve bytes of six-bit numbers.
 */
static inline void mg_q4k_pair(const uint8_t *s, int j, uint8_t *scale, uint8_t *min) {
    if (j < 4) {
        *scale = s[j] & 63, *min = s[j + 4] & 63;
    } else {
        *scale = (uint8_t)((s[j + 4] & 15) | s[j - 4] >> 6 << 4);
        *min = (uint8_t)(s[j + 4] >> 4 | s[j] >> 6 << 4);
    }
}

/* One block of 32 k of row r: `quants` is that block of the panel, `scales` the panel's scales, b the block's index. */
static inline void mg_pack_block(mg_quantization format, const uint8_t *row, int64_t b, int64_t r, uint8_t *scales,
                                 uint8_t *quants, uint8_t bias) {
    if (format == MG_Q8_0) {
        const uint8_t *block = row + b * 34;
        memcpy(scales + b * 32 + r * 2, block, 2);
        for (int i = 0; i < 32; i++)
            quants[i / 4 * 64 + r * 4 + i % 4] = block[2 + i] ^ bias;
    } else if (format == MG_Q4_0) {
        const uint8_t *block = row + b * 18;
        memcpy(scales + b * 32 + r * 2, block, 2);
        for (int i = 0; i < 16; i++)
            quants[i / 4 * 64 + r * 4 + i % 4] = block[2 + i];
    } else if (format == MG_Q4_1) {
        const uint8_t *block = row + b * 20;
        memcpy(scales + b * 64 + r * 2, block, 2);
        memcpy(scales + b * 64 + 32 + r * 2, block + 2, 2);
        for (int i = 0; i < 16; i++)
            quants[i / 4 * 64 + r * 4 + i % 4] = block[4 + i];
    } else if (format == MG_Q4_K) {
        /* 32 bytes of the file hold two sub-blocks; here a sub-block keeps its own 16. */
        const uint8_t *block = row + b / 8 * 144;
        const uint8_t *nibbles = block + 16 + b % 8 / 2 * 32;
        int shift = b % 2 ? 4 : 0, j = (int)(b % 8);
        uint8_t *s = scales + b / 8 * 320;
        memcpy(s + r * 2, block, 2);
        memcpy(s + 32 + r * 2, block + 2, 2);
        mg_q4k_pair(block + 4, j, s + 64 + j * 32 + r, s + 64 + j * 32 + 16 + r);
        for (int i = 0; i < 16; i++)
            quants[i / 4 * 64 + r * 4 + i % 4] =
                (uint8_t)((nibbles[i] >> shift & 15) | (nibbles[16 + i] >> shift & 15) << 4);
    }
}

/* Lays the weights out. `bias` is 128 where the 8-bit quants are wanted as u8 = int8 + 128, else 0. */
static inline void mg_layout_pack(const mg_quantized_matmul *q, void *packed, uint8_t bias) {
    mg_layout l = mg_layout_of(q);
    uint8_t *base = mg_layout_base(packed);
    memset(base, 0, (size_t)(l.panels * l.panel_bytes));
    static const uint8_t bytes[] = {[MG_Q8_0] = 34, [MG_Q4_0] = 18, [MG_Q4_1] = 20, [MG_Q4_K] = 18, [MG_INT8] = 32};
    int64_t row_bytes = q->format == MG_INT8 ? q->k : l.blocks * bytes[q->format];
    for (int64_t n = 0; n < q->n; n++) {
        const uint8_t *row = (const uint8_t *)q->w + n * row_bytes;
        uint8_t *scales = base + n / MG_PANEL * l.panel_bytes, *quants = scales + l.scales_bytes;
        int64_t r = n % MG_PANEL;
        if (q->format == MG_INT8) {
            memcpy(scales + r * 4, q->scales + n, 4);
            for (int64_t k = 0; k < q->k; k++)
                quants[k / 4 * 64 + r * 4 + k % 4] = row[k] ^ bias;
        } else {
            for (int64_t b = 0; b < l.blocks; b++)
                mg_pack_block(q->format, row, b, r, scales, quants + b * mg_quants_bytes(q->format), bias);
        }
    }
}
