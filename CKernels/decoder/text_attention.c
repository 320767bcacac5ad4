/* Attention inside each of several texts that lie one behind the other in a pass, by a variant of the attention family:
   every token of a text sees every other of it, and none of another text. A worker takes whole heads of a text, alone,
   so that the bits of a text depend neither on the texts beside it nor on the number of workers. */
#include "cache.h"

void mg_text_attention_run(const void *arguments, const mg_work *work) {
    const mg_text_attention *s = arguments;
    const mg_cache *c = &s->cache;
    const int64_t rows = s->place->rows, dim = c->dim, group = s->heads / c->kv_heads;
    const int64_t row_bytes = mg_cache_row_bytes(c->format, dim), wide = dim * (s->dtype == MG_F32 ? 4 : 2);
    const mg_work alone = {.index = 0, .count = 1, .barrier = NULL};
    /* In turns, not in a run: a long text's heads are shared by all. */
    for (int64_t item = work->index; item < s->texts->count * s->heads; item += work->count) {
        const int64_t text = item / s->heads, head = item % s->heads;
        const int64_t start = s->texts->starts[text], count = s->texts->starts[text + 1] - start;
        const mg_attention a = {
            .buffers = {.workspace = s->workspace + s->call_bytes * (size_t)work->index},
            .heads = 1,
            .kv_heads = 1,
            .queries = count,
            .keys = count,
            .dim = dim,
            .causal = 0,
            .scale = s->scale,
            .dtype = s->dtype,
            .q = (const uint8_t *)s->q + (head * rows + start) * wide,
            .k = cache_row(c, c->k, row_bytes, head / group, start),
            .v = cache_row(c, c->v, row_bytes, head / group, start),
            .o = s->o + (head * rows + start) * dim,
        };
        s->run(&a, &alone);
    }
}
