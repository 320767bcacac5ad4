/* Projections to heads, with rotary positions, and heads back to rows. A worker takes whole heads of rows. */
#include "cache.h"
#include "rotary.h"

int64_t mg_cache_row_bytes(mg_cache_format format, int64_t dim) {
    switch (format) {
    case MG_CACHE_F32:
        return dim * 4;
    case MG_CACHE_BF16:
        return dim * 2;
    case MG_CACHE_Q8:
        break;
    }
    /* The last block may be shorter; rows stay on multiples of 4. */
    return (dim + CACHE_BLOCK - 1) / CACHE_BLOCK * 4 + (dim + 3) / 4 * 4;
}

/* The widest head that there is room to turn. */
enum { HEADS_WIDEST = MG_WIDEST_HEAD };

void mg_split_heads_run(const void *arguments, const mg_work *work) {
    const mg_split_heads *s = arguments;
    const mg_cache *cache = &s->cache;
    const int64_t rows = s->place->rows, dim = cache->dim, all = s->heads + 2 * cache->kv_heads;
    const int64_t row_bytes = mg_cache_row_bytes(cache->format, dim);
    const rotary_turn turn = {s->cosines, s->sines, s->rotated, s->halves};
    int64_t from, to;
    mg_work_range(work, rows * all, 1, &from, &to);
    for (int64_t item = from; item < to; item++) {
        int64_t row = item / all, head = item % all;
        const int part = head < s->heads ? 0 : head < s->heads + cache->kv_heads ? 1 : 2;
        head -= part == 0 ? 0 : part == 1 ? s->heads : s->heads + cache->kv_heads;
        const float *x = s->projected[part] + row * s->stride[part] + head * dim;
        float turned[HEADS_WIDEST];
        if (s->cosines && part < 2) {
            rotary(turn, s->place->position + row, x, dim, turned);
            x = turned;
        }
        if (part > 0) {
            uint8_t *base = part == 1 ? cache->k : cache->v;
            cache_put(cache->format, x, dim, cache_row(cache, base, row_bytes, head, s->place->slot + row));
            continue;
        }
        int64_t at = (head * rows + row) * dim;
        if (s->dtype == MG_F32)
            memcpy((float *)s->q + at, x, (size_t)dim * 4);
        else
            for (int64_t i = 0; i < dim; i++)
                ((uint16_t *)s->q)[at + i] = cache_bf16(x[i]);
    }
}

void mg_join_heads_run(const void *arguments, const mg_work *work) {
    const mg_join_heads *s = arguments;
    const int64_t rows = s->place->rows, dim = s->dim;
    int64_t from, to;
    mg_work_range(work, rows, 1, &from, &to);
    for (int64_t row = from; row < to; row++)
        for (int64_t head = 0; head < s->heads; head++)
            memcpy(s->rows_first + (row * s->heads + head) * dim, s->heads_first + (head * rows + row) * dim,
                   (size_t)dim * 4);
}
