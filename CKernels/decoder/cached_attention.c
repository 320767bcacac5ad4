/* Attention to a cache that is longer than what it holds, or stored in pages or in 8 bits, by a variant that knows of
   none of that: kv head by kv head. */
#include "cache.h"

/* Slots from ..< to of a head, as the variant reads them, from `out` on. */
static void lay_out(const mg_cached_attention *s, uint8_t *base, int64_t head, int64_t from, int64_t to, uint8_t *out) {
    const int64_t dim = s->cache.dim, stored = mg_cache_row_bytes(s->cache.format, dim);
    const int64_t wide = dim * (s->dtype == MG_F32 ? 4 : 2);
    for (int64_t slot = from; slot < to; slot++)
        cache_take(s->cache.format, cache_row(&s->cache, base, stored, head, slot), dim,
                   out + (slot - s->place->first) * wide);
}

/* The call of one kv head, with its workspace; `team` is 0 where the worker is alone with it. */
static void attend(const mg_cached_attention *s, int64_t head, const mg_work *work, int team) {
    const mg_cache *c = &s->cache;
    const mg_place *at = s->place;
    const int64_t group = s->heads / c->kv_heads, keys = at->slot + at->rows - at->first, dim = c->dim;
    const int64_t wide = dim * (s->dtype == MG_F32 ? 4 : 2), row_bytes = mg_cache_row_bytes(c->format, dim);
    const mg_work alone = {.index = 0, .count = 1, .barrier = NULL};
    mg_attention a = {.buffers = {.workspace = s->workspace + s->call_bytes * (size_t)(team ? 0 : work->index)},
                      .heads = group,
                      .kv_heads = 1,
                      .queries = at->rows,
                      .keys = keys,
                      .dim = dim,
                      .causal = 1,
                      .scale = s->scale,
                      .dtype = s->dtype,
                      .q = (const uint8_t *)s->q + head * group * at->rows * wide,
                      .o = s->o + head * group * at->rows * dim};
    if (c->page == 0 && c->format != MG_CACHE_Q8) {
        a.k = cache_row(c, c->k, row_bytes, head, at->first);
        a.v = cache_row(c, c->v, row_bytes, head, at->first);
    } else {
        uint8_t *k = s->scratch + (team ? 0 : work->index) * 2 * c->capacity * wide, *v = k + c->capacity * wide;
        int64_t from = 0, to = keys;
        if (team)
            mg_work_range(work, keys, 1, &from, &to);
        lay_out(s, c->k, head, at->first + from, at->first + to, k);
        lay_out(s, c->v, head, at->first + from, at->first + to, v);
        if (team)
            mg_work_wait(work);
        a.k = k, a.v = v;
    }
    s->run(&a, team ? work : &alone);
    if (team)
        mg_work_wait(work);
}

void mg_cached_attention_run(const void *arguments, const mg_work *work) {
    const mg_cached_attention *s = arguments;
    /* Heads that every worker has equally many of are taken whole. */
    int64_t whole = s->place->rows == 1 ? s->cache.kv_heads / work->count * work->count : 0;
    for (int64_t head = work->index; head < whole; head += work->count)
        attend(s, head, work, 0);
    if (whole < s->cache.kv_heads && whole > 0)
        mg_work_wait(work);
    for (int64_t head = whole; head < s->cache.kv_heads; head++)
        attend(s, head, work, 1);
}
