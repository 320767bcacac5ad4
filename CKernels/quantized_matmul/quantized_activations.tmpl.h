#pragma once
/* Activations as int8: each block of 32 (INT8 weights: each whole row) gets the step d = max|a| / 127, and q = a / d to
   the nearest integer, so every activation is off by at most d/2.

   Two cases are settled by hand: a block whose largest value lies under 2^-100 becomes zeros (127 / max|a| would
   overflow), and a block with a NaN or an infinity has the step NaN, by which the product finds the rows that it has
   to compute in f32.

   The loops have constant lengths and integer maxima, so that the compiler makes vectors of them in whatever target
   region includes this file: any, after functions/<isa>.h. */
#include "quantized_layout.h"

/* The activations of one call, laid out for the tiles that read them: the rows of a tile lie beside each other, block
   by block, so that a tile walks one stream and finds each row at a constant distance.

     quants       [tile][block][row of the tile][32], zeros beyond k; for INT8 weights multiplied in two parts
                  (MG_PARTS_INT8 = 2), as int16, and of each k-quad 0, 2, 1, 3
     step         [tile][block][row of the tile]
     correction   as step: −zero·Σq (formats with a zero point), or the bits of d·Σq (formats with a min)

   INT8 has one step and correction a row, in the order of the rows. */
typedef struct mg_activations {
    int64_t m, tiles;
    int64_t blocks, steps; /* of a row */
    int8_t *quants;
    float *step;
    int32_t *correction;
} mg_activations;

/* Rows of A that are computed together: `count` from `first`, tiles of nearly equal height. */
typedef struct mg_rows {
    int64_t first, count;
} mg_rows;

MG_INLINE mg_rows mg_tile_rows(const mg_activations *a, int64_t tile) {
    int64_t first = a->m * tile / a->tiles;
    return (mg_rows){first, a->m * (tile + 1) / a->tiles - first};
}

/* The tile that holds row m. */
MG_INLINE mg_rows mg_rows_around(const mg_activations *a, int64_t m) {
    return mg_tile_rows(a, ((m + 1) * a->tiles - 1) / a->m);
}

/* Bytes of a block's quants. */
MG_INLINE int64_t mg_block_bytes(mg_quantization format) { return MG_BLOCK * (format == MG_INT8 ? MG_PARTS_INT8 : 1); }

static inline size_t mg_activations_bytes(const mg_quantized_matmul *q) {
    int64_t blocks = (q->k + 31) / 32, steps = q->format == MG_INT8 ? 1 : blocks;
    return (size_t)(mg_whole_lines(q->m * blocks * mg_block_bytes(q->format)) + 2 * mg_whole_lines(q->m * steps * 4));
}

/* In `workspace`, for tiles of at most `most` rows. */
static inline mg_activations mg_activations_in(const mg_quantized_matmul *q, uint8_t *workspace, int64_t most) {
    mg_activations a = {.m = q->m, .tiles = (q->m + most - 1) / most, .blocks = (q->k + 31) / 32};
    a.steps = q->format == MG_INT8 ? 1 : a.blocks;
    int64_t quants = mg_whole_lines(q->m * a.blocks * mg_block_bytes(q->format));
    a.quants = (int8_t *)workspace;
    a.step = (float *)(workspace + quants);
    a.correction = (int32_t *)(workspace + quants + mg_whole_lines(q->m * a.steps * 4));
    return a;
}

/* Where block b of row m lies: its number among all blocks in the layout. */
MG_INLINE int64_t mg_block_place(const mg_activations *a, mg_rows around, int64_t m, int64_t b) {
    return around.first * a->blocks + b * around.count + m - around.first;
}

/* The bits of max|x|; at least 0x7f800000 exactly if some x is not finite. */
MG_INLINE uint32_t mg_block_max(const float *x) {
    uint32_t bits[MG_BLOCK], max = 0;
    memcpy(bits, x, sizeof bits);
    for (int i = 0; i < MG_BLOCK; i++) {
        uint32_t magnitude = bits[i] & 0x7fffffffu;
        max = magnitude > max ? magnitude : max;
    }
    return max;
}

/* Writes 32 quants and returns their sum. Adding 1.5·2^23 rounds to the nearest integer in the low bits. */
MG_INLINE int32_t mg_block_quants(const float *x, float inverse, int8_t *quants) {
    float shifted[MG_BLOCK];
    int32_t bits[MG_BLOCK], sum = 0;
    for (int i = 0; i < MG_BLOCK; i++)
        shifted[i] = x[i] * inverse + 0x1.8p23f;
    memcpy(bits, shifted, sizeof bits);
    for (int i = 0; i < MG_BLOCK; i++) {
        quants[i] = (int8_t)bits[i];
        sum += quants[i];
    }
    return sum;
}

/* The same, in the order and width that INT8 weights in two parts want. */
MG_INLINE int32_t mg_block_quants_apart(const float *x, float inverse, int8_t *quants) {
    int8_t bytes[MG_BLOCK];
    int16_t apart[MG_BLOCK];
    int32_t sum = mg_block_quants(x, inverse, bytes);
    for (int i = 0; i < MG_BLOCK; i += 4)
        apart[i] = bytes[i], apart[i + 1] = bytes[i + 2], apart[i + 2] = bytes[i + 1], apart[i + 3] = bytes[i + 3];
    memcpy(quants, apart, sizeof apart);
    return sum;
}

MG_INLINE int32_t mg_block_quants_for(mg_quantization format, const float *x, float inverse, int8_t *quants) {
    return mg_block_bytes(format) > MG_BLOCK ? mg_block_quants_apart(x, inverse, quants)
                                             : mg_block_quants(x, inverse, quants);
}

/* Step and inverse step for a largest magnitude given in bits. */
MG_INLINE void mg_step_of(uint32_t max, float *step, float *inverse) {
    float largest;
    memcpy(&largest, &max, 4);
    int usable = max < 0x7f800000u && largest >= 0x1p-100f;
    *step = max >= 0x7f800000u ? __builtin_nanf("") : usable ? largest / 127.0f : 0.0f;
    *inverse = usable ? 127.0f / largest : 0.0f;
}

/* Blocks of 32 floats of a row: block b, or what the row still has of it and zeros. */
MG_INLINE void mg_block_of(const float *row, int64_t k, int64_t b, float *block) {
    int64_t rest = k - b * MG_BLOCK;
    if (rest >= MG_BLOCK) {
        memcpy(block, row + b * MG_BLOCK, MG_BLOCK * 4);
    } else {
        memset(block, 0, MG_BLOCK * 4);
        memcpy(block, row + b * MG_BLOCK, (size_t)rest * 4);
    }
}

/* Quantises blocks from ..< to of all m·blocks, or for INT8 rows from ..< to. `zero` is the zero point of the weights
   as the product reads them: 8 for Q4_0, 128 for biased 8-bit quants, else 0. */
static inline void mg_quantise_activations(const mg_quantized_matmul *q, const mg_activations *a, int32_t zero,
                                           int64_t from, int64_t to) {
    int64_t blocks = a->blocks;
    int has_min = q->format == MG_Q4_1 || q->format == MG_Q4_K;
    float x[MG_BLOCK], step, inverse;
    if (q->format == MG_INT8) {
        for (int64_t m = from; m < to; m++) {
            const float *row = q->a + m * q->k;
            uint32_t max = 0;
            for (int64_t b = 0; b < blocks; b++) {
                mg_block_of(row, q->k, b, x);
                uint32_t here = mg_block_max(x);
                max = here > max ? here : max;
            }
            mg_step_of(max, &step, &inverse);
            int32_t sum = 0;
            mg_rows around = mg_rows_around(a, m);
            for (int64_t b = 0; b < blocks; b++) {
                mg_block_of(row, q->k, b, x);
                sum += mg_block_quants_for(MG_INT8, x, inverse,
                                           a->quants + mg_block_place(a, around, m, b) * mg_block_bytes(MG_INT8));
            }
            a->step[m] = step;
            a->correction[m] = -zero * sum;
        }
        return;
    }
    if (from >= to)
        return;
    int64_t m = from / blocks, b = from % blocks;
    for (int64_t i = from; i < to; m++, b = 0) {
        mg_rows around = mg_rows_around(a, m);
        for (; b < blocks && i < to; b++, i++) {
            int64_t place = mg_block_place(a, around, m, b);
            memcpy(x, q->a + m * q->k + b * MG_BLOCK, sizeof x);
            mg_step_of(mg_block_max(x), &step, &inverse);
            int32_t sum = mg_block_quants_for(q->format, x, inverse, a->quants + place * mg_block_bytes(q->format));
            float min_factor = step * (float)sum;
            a->step[place] = step;
            if (has_min)
                memcpy(a->correction + place, &min_factor, 4);
            else
                a->correction[place] = -zero * sum;
        }
    }
}

/* Whether row m has a block with a NaN or an infinity. */
static inline int mg_row_is_special(const mg_activations *a, int64_t m) {
    mg_rows around = mg_rows_around(a, m);
    int special = 0;
    for (int64_t b = 0; b < a->steps; b++) {
        float step = a->step[a->steps == a->blocks ? mg_block_place(a, around, m, b) : m];
        special |= step != step;
    }
    return special;
}
