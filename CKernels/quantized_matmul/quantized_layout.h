#pragma once
/* Packed weights, the same for every instruction set: panels of 32 output rows, so that vector registers hold one
   k-quad (four neighbouring k, one byte each) of 16, 8 or 4 rows and every product ends in the lane of its row: no
   horizontal sums. A panel is read from its first byte to its last, and so are all panels one after another: a
   product whose weights come from memory is one stream, which the hardware and a prefetch a few lines ahead can follow.

     quants, a block of 32 k   8-bit formats: 8 lines of 128 bytes,   line q, row r = the four int8 of k = 4q .. 4q+3
                               4-bit formats: 4 lines,   line q, row r = low nibbles k = 4q .. 4q+3, high nibbles k+16
     scales before a block     Q8_0, Q4_0: f16 d[32]     Q4_1: f16 d[32], f16 m[32]
                               Q4_K: u8 scale[32], u8 min[32], and before each 8 blocks f16 d[32], f16 dmin[32]
     scales before a panel     INT8: f32 scale[32]

   Rows beyond n and, for INT8, k beyond the row's end are zero bytes. */
#include <string.h>

#include "mg_quantized_matmul.h"
#include "mg_target.h"

enum { MG_BLOCK = 32, MG_PANEL = 32, MG_LINE = 128 };

typedef struct mg_layout {
    mg_quantization format;
    int64_t panels, blocks; /* panels of 32 rows; blocks of 32 k */
    int64_t panel_bytes;
} mg_layout;

MG_INLINE int64_t mg_whole_lines(int64_t bytes) { return (bytes + 63) / 64 * 64; }

MG_INLINE int mg_is_8bit(mg_quantization format) { return format == MG_Q8_0 || format == MG_INT8; }

/* The quants of a block in a panel. */
MG_INLINE int64_t mg_quants_bytes(mg_quantization format) { return mg_is_8bit(format) ? 8 * MG_LINE : 4 * MG_LINE; }

/* The scales of a block that stand before its quants. */
MG_INLINE int64_t mg_scales_bytes(mg_quantization format) {
    return format == MG_INT8 ? 0 : format == MG_Q4_1 ? 128 : 64;
}

/* What stands before the first of eight blocks of Q4_K, or before all of INT8. */
MG_INLINE int64_t mg_head_bytes(mg_quantization format) { return format == MG_Q4_K || format == MG_INT8 ? 128 : 0; }

/* Eight blocks and all that belongs to them: the distance between b and b + 8 in a panel. */
MG_INLINE int64_t mg_octet_bytes(mg_quantization format) {
    int64_t head = format == MG_Q4_K ? mg_head_bytes(format) : 0;
    return 8 * (mg_scales_bytes(format) + mg_quants_bytes(format)) + head;
}

/* Where in a panel the head of block b begins. */
MG_INLINE int64_t mg_head_place(mg_quantization format, int64_t b) {
    return format == MG_INT8 ? 0 : b / 8 * mg_octet_bytes(format);
}

/* Where in a panel the scales of block b begin. */
MG_INLINE int64_t mg_scales_place(mg_quantization format, int64_t b) {
    int64_t block = mg_scales_bytes(format) + mg_quants_bytes(format);
    return format == MG_Q4_K ? mg_head_place(format, b) + mg_head_bytes(format) + b % 8 * block
                             : mg_head_bytes(format) + b * block;
}

/* Where in a panel the quants of block b begin. */
MG_INLINE int64_t mg_quants_place(mg_quantization format, int64_t b) {
    return mg_scales_place(format, b) + mg_scales_bytes(format);
}

static inline mg_layout mg_layout_of(const mg_quantized_matmul *q) {
    mg_layout l = {.format = q->format, .panels = (q->n + MG_PANEL - 1) / MG_PANEL, .blocks = (q->k + 31) / 32};
    /* The place of one block more; of Q4_K there are whole eights. */
    l.panel_bytes =
        q->format == MG_Q4_K ? l.blocks / 8 * mg_octet_bytes(MG_Q4_K) : mg_scales_place(q->format, l.blocks);
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

/* One block of 32 k of row r of a panel: `row` is the row in the file, b the block's index. */
static inline void mg_pack_block(mg_quantization format, const uint8_t *row, int64_t b, int64_t r, uint8_t *panel,
                                 uint8_t bias) {
    uint8_t *scales = panel + mg_scales_place(format, b), *quants = panel + mg_quants_place(format, b) + r * 4;
    if (format == MG_Q8_0) {
        const uint8_t *block = row + b * 34;
        memcpy(scales + r * 2, block, 2);
        for (int i = 0; i < 32; i++)
            quants[i / 4 * MG_LINE + i % 4] = block[2 + i] ^ bias;
    } else if (format == MG_Q4_0) {
        const uint8_t *block = row + b * 18;
        memcpy(scales + r * 2, block, 2);
        for (int i = 0; i < 16; i++)
            quants[i / 4 * MG_LINE + i % 4] = block[2 + i];
    } else if (format == MG_Q4_1) {
        const uint8_t *block = row + b * 20;
        memcpy(scales + r * 2, block, 2);
        memcpy(scales + 64 + r * 2, block + 2, 2);
        for (int i = 0; i < 16; i++)
            quants[i / 4 * MG_LINE + i % 4] = block[4 + i];
    } else if (format == MG_Q4_K) {
        /* 32 bytes of the file hold two sub-blocks; here a sub-block keeps its own 16. */
        const uint8_t *block = row + b / 8 * 144;
        const uint8_t *nibbles = block + 16 + b % 8 / 2 * 32;
        int shift = b % 2 ? 4 : 0, j = (int)(b % 8);
        uint8_t *head = panel + mg_head_place(format, b);
        memcpy(head + r * 2, block, 2);
        memcpy(head + 64 + r * 2, block + 2, 2);
        mg_q4k_pair(block + 4, j, scales + r, scales + 32 + r);
        for (int i = 0; i < 16; i++)
            quants[i / 4 * MG_LINE + i % 4] =
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
        uint8_t *panel = base + n / MG_PANEL * l.panel_bytes;
        int64_t r = n % MG_PANEL;
        if (q->format == MG_INT8) {
            uint8_t *quants = panel + mg_quants_place(MG_INT8, 0) + r * 4;
            memcpy(panel + r * 4, q->scales + n, 4);
            for (int64_t k = 0; k < q->k; k++)
                quants[k / 4 * MG_LINE + k % 4] = row[k] ^ bias;
        } else {
            for (int64_t b = 0; b < l.blocks; b++)
                mg_pack_block(q->format, row, b, r, panel, bias);
        }
    }
}

/* Where vector v of a tile has its rows' numbers, `bytes_a_row` each, behind those of the tile's first row. */
MG_INLINE int64_t mg_vector_at(const mg_layout *layout, int lanes, int v, int bytes_a_row) {
    return v * lanes / MG_PANEL * layout->panel_bytes + v * lanes % MG_PANEL * bytes_a_row;
}

/* A panel as a tile sees it that begins at `column`: the panel, and where its first row's numbers are, by the bytes of
   one. */
typedef struct mg_panel {
    const uint8_t *start, *quads, *halves, *octets;
} mg_panel;

MG_INLINE mg_panel mg_panel_at(const mg_layout *layout, const uint8_t *weights, int64_t column) {
    const uint8_t *panel = weights + column / MG_PANEL * layout->panel_bytes;
    int64_t row = column % MG_PANEL;
    return (mg_panel){panel, panel + row * 4, panel + row * 2, panel + row};
}
