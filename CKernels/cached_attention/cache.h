#pragma once
/* A row of the cache: where it lies, how it is written and read. */
#include <math.h>
#include <string.h>

#include "mg_cached_attention.h"
#include "mg_target.h"

enum { CACHE_BLOCK = 32, CACHE_BLOCK_BYTES = 4 + CACHE_BLOCK };

/* Where the row of a head at a slot of a text lies. */
MG_INLINE uint8_t *cache_row(const mg_cache *c, uint8_t *base, const int32_t *table, int64_t row_bytes, int64_t head,
                             int64_t slot) {
    return base + (head * c->slots + table[slot / c->block] * c->block + slot % c->block) * row_bytes;
}

/* Whether `count` > 0 slots from `slot` on lie one behind the other. */
MG_INLINE int cache_together(const mg_cache *c, const int32_t *table, int64_t slot, int64_t count) {
    for (int64_t block = slot / c->block, last = (slot + count - 1) / c->block; block < last; block++)
        if (table[block + 1] != table[block] + 1)
            return 0;
    return 1;
}

MG_INLINE uint16_t cache_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    if (x != x)
        return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* `x` stored at `row`. */
MG_INLINE void cache_put(mg_cache_format format, const float *x, int64_t dim, uint8_t *row) {
    if (format == MG_CACHE_F32) {
        memcpy(row, x, (size_t)dim * 4);
    } else if (format == MG_CACHE_BF16) {
        uint16_t *half = (uint16_t *)row;
        for (int64_t i = 0; i < dim; i++)
            half[i] = cache_bf16(x[i]);
    } else {
        for (int64_t from = 0; from < dim; from += CACHE_BLOCK, row += CACHE_BLOCK_BYTES) {
            int64_t count = dim - from < CACHE_BLOCK ? dim - from : CACHE_BLOCK;
            float largest = 0, sum = 0;
            for (int64_t i = 0; i < count; i++) {
                largest = fmaxf(largest, fabsf(x[from + i]));
                sum += x[from + i];
            }
            float step = isfinite(sum) ? largest / 127 : NAN, by = step > 0 ? 1 / step : 0;
            memcpy(row, &step, 4);
            if (isnan(step)) { /* one value that is none makes the block none */
                memset(row + 4, 1, (size_t)count);
                continue;
            }
            for (int64_t i = 0; i < count; i++) {
                float q = x[from + i] * by;
                row[4 + i] = (uint8_t)(int8_t)(q < 0 ? q - 0.5f : q + 0.5f);
            }
        }
    }
}

/* The values at `row`, as f32, or as they are for bf16. */
MG_INLINE void cache_take(mg_cache_format format, const uint8_t *row, int64_t dim, uint8_t *out) {
    if (format == MG_CACHE_F32) {
        memcpy(out, row, (size_t)dim * 4);
    } else if (format == MG_CACHE_BF16) {
        memcpy(out, row, (size_t)dim * 2);
    } else {
        float *x = (float *)out;
        for (int64_t from = 0; from < dim; from += CACHE_BLOCK, row += CACHE_BLOCK_BYTES) {
            int64_t count = dim - from < CACHE_BLOCK ? dim - from : CACHE_BLOCK;
            float step;
            memcpy(&step, row, 4);
            for (int64_t i = 0; i < count; i++)
                x[from + i] = step * (float)(int8_t)row[4 + i];
        }
    }
}
