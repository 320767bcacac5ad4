/* Projections to heads, with rotary positions, and heads back to rows. A worker takes whole heads of rows. */
#include "cached_attention/cache.h"
#include "cached_attention/rotary.h"
#include "mg_program.h"

/* Where a prompt row's head lies in what is by heads, segment behind segment. */
static int64_t place(const mg_batch *batch, int64_t row, int64_t heads, int64_t head, int64_t dim) {
    const mg_segment *s = batch->segment + batch->segment_of[row];
    return ((s->row - batch->generated) * heads + head * s->rows + row - s->row) * dim;
}

void mg_split_heads_run(const void *arguments, const mg_work *work) {
    const mg_split_heads *s = arguments;
    const mg_batch *batch = s->batch;
    const mg_cache *cache = &s->cache;
    const int64_t dim = cache->dim, all = s->heads + 2 * cache->kv_heads;
    const int64_t row_bytes = mg_cache_row_bytes(cache->format, dim);
    int64_t from, to;
    mg_work_range(work, (batch->rows - batch->generated) * all, 1, &from, &to);
    for (int64_t item = from; item < to; item++) {
        const int64_t row = batch->generated + item / all, head = item % all;
        const mg_row *at = batch->row + row;
        float turned[MG_WIDEST_HEAD];
        if (head >= s->heads + cache->kv_heads) {
            const int64_t kv = head - s->heads - cache->kv_heads;
            cache_put(cache->format, s->v + row * s->v_stride + kv * dim, dim,
                      cache_row(cache, cache->v, batch->tables + at->table, row_bytes, kv, at->slot));
            continue;
        }
        const int is_key = head >= s->heads;
        const int64_t kv = head - s->heads;
        const float *x = is_key ? s->k + row * s->k_stride + kv * dim : s->q + row * s->q_stride + head * dim;
        if (s->rotary.cosines) {
            rotary(&s->rotary, at->position, x, dim, turned);
            x = turned;
        }
        if (is_key) {
            cache_put(cache->format, x, dim,
                      cache_row(cache, cache->k, batch->tables + at->table, row_bytes, kv, at->slot));
            continue;
        }
        const int64_t to_place = place(batch, row, s->heads, head, dim);
        if (s->dtype == MG_F32)
            memcpy((float *)s->queries + to_place, x, (size_t)dim * 4);
        else
            for (int64_t i = 0; i < dim; i++)
                ((uint16_t *)s->queries)[to_place + i] = cache_bf16(x[i]);
    }
}

void mg_join_heads_run(const void *arguments, const mg_work *work) {
    const mg_join_heads *s = arguments;
    const mg_batch *batch = s->batch;
    const int64_t dim = s->dim;
    int64_t from, to;
    mg_work_range(work, batch->rows - batch->generated, 1, &from, &to);
    for (int64_t row = batch->generated + from; row < batch->generated + to; row++)
        for (int64_t head = 0; head < s->heads; head++)
            memcpy(s->rows_first + (row * s->heads + head) * dim,
                   s->heads_first + place(batch, row, s->heads, head, dim), (size_t)dim * 4);
}
