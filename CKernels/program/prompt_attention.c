/* Attention to a cache that is longer than what it holds, or stored in blocks or in 8 bits, by a variant that knows of
   none of that: segment by segment, kv head by kv head. */
#include "cached_attention/cache.h"
#include "mg_program.h"

/* `keys` slots of a head from `first` on as the variant reads them; those from ..< to of them, at `out`. */
static void lay_out(const mg_prompt_attention *s, const int32_t *table, uint8_t *base, int64_t head, int64_t first,
                    int64_t from, int64_t to, uint8_t *out) {
    const int64_t dim = s->cache.dim, stored = mg_cache_row_bytes(s->cache.format, dim);
    const int64_t wide = dim * (s->dtype == MG_F32 ? 4 : 2);
    for (int64_t key = from; key < to; key++)
        cache_take(s->cache.format, cache_row(&s->cache, base, table, stored, head, first + key), dim,
                   out + key * wide);
}

/* The call of one kv head of a segment by the workers of `work`; `alone` is the workspace of a worker by itself, or 0.
 */
static void attend(const mg_prompt_attention *s, const mg_segment *segment, int64_t head, int together, int64_t alone,
                   const mg_work *work) {
    const mg_cache *c = &s->cache;
    const mg_row *at = s->batch->row + segment->row;
    const int32_t *table = s->batch->tables + at->table;
    const int64_t group = s->heads / c->kv_heads, keys = at->slot + segment->rows - at->first, dim = c->dim;
    const int64_t wide = dim * (s->dtype == MG_F32 ? 4 : 2), row_bytes = mg_cache_row_bytes(c->format, dim);
    const int64_t before = ((segment->row - s->batch->generated) * s->heads + head * group * segment->rows) * dim;
    mg_attention a = {.buffers = {.workspace = s->workspace + s->call_bytes * (size_t)alone},
                      .heads = group,
                      .kv_heads = 1,
                      .queries = segment->rows,
                      .keys = keys,
                      .dim = dim,
                      .causal = s->causal,
                      .scale = s->scale,
                      .dtype = s->dtype,
                      .q = (const uint8_t *)s->queries + before / dim * wide,
                      .o = s->o + before};
    if (together) {
        a.k = cache_row(c, c->k, table, row_bytes, head, at->first);
        a.v = cache_row(c, c->v, table, row_bytes, head, at->first);
    } else {
        uint8_t *k = s->room, *v = k + s->keys * wide;
        int64_t from, to;
        mg_work_range(work, keys, 1, &from, &to);
        lay_out(s, table, c->k, head, at->first, from, to, k);
        lay_out(s, table, c->v, head, at->first, from, to, v);
        mg_work_wait(work);
        a.k = k, a.v = v;
    }
    s->run(&a, work);
}

void mg_prompt_attention_run(const void *arguments, const mg_work *work) {
    const mg_prompt_attention *s = arguments;
    const mg_batch *batch = s->batch;
    const mg_work one = {.index = 0, .count = 1, .barrier = NULL};
    int64_t turn = 0;
    for (int64_t i = 0; i < batch->segments; i++) {
        const mg_segment *segment = batch->segment + i;
        const mg_row *at = batch->row + segment->row;
        const int together =
            s->cache.format != MG_CACHE_Q8 &&
            cache_together(&s->cache, batch->tables + at->table, at->first, at->slot + segment->rows - at->first);
        for (int64_t head = 0; head < s->cache.kv_heads; head++) {
            if (together && batch->segments > 1) {
                if (turn++ % work->count == work->index)
                    attend(s, segment, head, together, work->index, &one);
                continue;
            }
            /* What a worker has alone is nothing that others write, or read behind its barrier. */
            if (batch->segments > 1)
                mg_work_wait(work);
            attend(s, segment, head, together, 0, work);
            mg_work_wait(work);
        }
    }
}
