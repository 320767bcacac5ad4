#pragma once
/* Attention of few queries to a long cache, limited by how fast K and V come in: every row of them is read once.

   The keys are split into chunks whose length is the shape's own, and workers take pairs of a kv head and a chunk, so
   that one query, or one head, is enough work for all of them. All query rows of the kv head's group take each few keys
   while these are in the first cache: first scores, then a softmax of the chunk alone, then its weighted sum of V. What
   is left of a chunk is a maximum, a sum and a row of dim; after a barrier these are merged in the order of the chunks,
   which no number of workers changes.

   bf16 caches are widened as they are read, once for all rows of the group, and all sums are f32.

   Dao, Haziza, Massa, Sizov 2023, "Flash-Decoding for long-context inference", for the split.
   Included by the file of each instruction set, inside its target region, after functions/<isa>.h. */
#include "rows.tmpl.h"

enum {
    DECODE_SHORT = 256, /* keys of a chunk, from .. to: multiples of ROWS_KEYS */
    DECODE_LONG = 1024,
    DECODE_ITEMS = 16,  /* chunks of all kv heads that there should at least be */
    DECODE_VALUES = 64, /* keys whose values are added before the sums go back to memory, if rows share them */
    DECODE_QUERIES = 8
};

typedef struct decode_shape {
    int64_t rows;   /* query rows of a kv head: its group of heads times queries; row r is query r % queries */
    int64_t stride; /* of a row of dim, in whole vectors */
    int64_t chunk;  /* keys of one, the last may have fewer */
    int64_t chunks;
    int64_t partial; /* floats that a chunk leaves: [rows][stride], maxima [rows], sums [rows] */
    int64_t scratch; /* floats of a worker: queries [rows][stride], scores [rows][chunk] */
} decode_shape;

/* A chunk ends in a softmax, during which memory has nothing to do, so chunks are long where there are enough of them.
   Their length is the shape's own: workers have no part in it. */
static decode_shape decode_shape_of(const mg_attention *a) {
    int64_t chunk = a->kv_heads * a->keys / DECODE_ITEMS / DECODE_SHORT * DECODE_SHORT;
    decode_shape s = {.rows = a->kv_heads > 0 ? a->heads / a->kv_heads * a->queries : 0,
                      .stride = rows_padded(a->dim, 32),
                      .chunk = attention_most(DECODE_SHORT, attention_least(chunk, DECODE_LONG))};
    s.chunks = (a->keys + s.chunk - 1) / s.chunk;
    s.partial = rows_padded(s.rows * (s.stride + 2), 16);
    s.scratch = s.rows * (s.stride + s.chunk);
    return s;
}

static size_t decode_workspace(const void *arguments, int32_t workers) {
    const mg_attention *a = arguments;
    decode_shape s = decode_shape_of(a);
    return (size_t)(a->kv_heads * s.chunks * s.partial + s.scratch * workers) * sizeof(float);
}

MG_INLINE const char *decode_refuses(const void *arguments) {
    const mg_attention *a = arguments;
    return a->queries > DECODE_QUERIES ? "more than 8 queries" : NULL;
}

/* How many of the keys from `from` on, at most `most`, a row sees. */
MG_INLINE int64_t decode_seen(const mg_attention *a, int64_t row, int64_t from, int64_t most) {
    return attention_most(0, attention_least(attention_visible(a, row % a->queries) - from, most));
}

MG_INLINE void decode_scores(const decode_shape *s, const float *q, const void *k, int64_t count, int64_t dim, float *p,
                             const int half) {
    /* What several rows share stays near; a row that is alone takes the whole chunk. */
    const int64_t most = s->rows == 1 ? s->chunk : ROWS_KEYS;
    for (int64_t j = 0; j < count; j += most) {
        int64_t keys = attention_least(count - j, most), row = 0;
        const void *some = rows_at(k, j * dim, half);
        for (; row + 4 <= s->rows; row += 4)
            rows_dots(4, q + row * s->stride, s->stride, some, keys, dim, p + row * s->chunk + j, s->chunk, half);
        for (; row + 3 <= s->rows; row += 3)
            rows_dots(3, q + row * s->stride, s->stride, some, keys, dim, p + row * s->chunk + j, s->chunk, half);
        for (; row + 2 <= s->rows; row += 2)
            rows_dots(2, q + row * s->stride, s->stride, some, keys, dim, p + row * s->chunk + j, s->chunk, half);
        for (; row + 1 <= s->rows; row += 1)
            rows_dots(1, q + row * s->stride, s->stride, some, keys, dim, p + row * s->chunk + j, s->chunk, half);
    }
}

/* Rows take a value together only if all of them see it: a weight of 0 would not keep a NaN out. */
MG_INLINE void decode_values(const mg_attention *a, const decode_shape *s, const float *p, const void *v, int64_t from,
                             int64_t count, float *o, const int half) {
    int64_t whole = a->queries > 0 ? decode_seen(a, 0, from, count) : 0;
    /* Of a row that is alone the sums stay in registers for the whole chunk. */
    const int64_t most = s->rows == 1 ? s->chunk : DECODE_VALUES;
    for (int64_t j = 0; j < count; j += most) {
        int64_t keys = attention_least(count - j, most), row = 0;
        const void *values = rows_at(v, j * a->dim, half);
        if (j + keys <= whole) {
            for (; row + 4 <= s->rows; row += 4)
                rows_values(4, p + row * s->chunk + j, s->chunk, values, keys, a->dim, o + row * s->stride, s->stride,
                            half);
            for (; row + 3 <= s->rows; row += 3)
                rows_values(3, p + row * s->chunk + j, s->chunk, values, keys, a->dim, o + row * s->stride, s->stride,
                            half);
            for (; row + 2 <= s->rows; row += 2)
                rows_values(2, p + row * s->chunk + j, s->chunk, values, keys, a->dim, o + row * s->stride, s->stride,
                            half);
        }
        for (; row < s->rows; row++)
            rows_values(1, p + row * s->chunk + j, s->chunk, values, decode_seen(a, row, from + j, keys), a->dim,
                        o + row * s->stride, s->stride, half);
    }
}

MG_INLINE void decode_chunk(const mg_attention *a, const decode_shape *s, int64_t group, int64_t from, float *partial,
                            float *scratch, const int half) {
    float *q = scratch, *p = scratch + s->rows * s->stride;
    float *max = partial + s->rows * s->stride, *sum = max + s->rows;
    int64_t count = attention_least(a->keys - from, s->chunk);
    const void *k = rows_at(a->k, (group * a->keys + from) * a->dim, half);
    const void *v = rows_at(a->v, (group * a->keys + from) * a->dim, half);
    for (int64_t row = 0; row < s->rows; row++)
        rows_scale(rows_at(a->q, (group * s->rows + row) * a->dim, half), a->dim, a->scale, q + row * s->stride, half);
    for (int64_t i = 0; i < s->rows * s->stride; i += MG_LANES)
        mg_store(partial + i, mg_splat(0));
    decode_scores(s, q, k, count, a->dim, p, half);
    for (int64_t row = 0; row < s->rows; row++) {
        int64_t seen = decode_seen(a, row, from, count);
        max[row] = rows_max(p + row * s->chunk, seen);
        sum[row] = rows_exponentials(p + row * s->chunk, seen, max[row]);
    }
    decode_values(a, s, p, v, from, count, partial, half);
}

/* Row `row` of the chunks at `partial` put together in the first of them, which may be none, and given. */
MG_INLINE void decode_merge(const mg_attention *a, const decode_shape *s, float *partial, int64_t row, float *out,
                            const int half) {
    float highest = -FLT_MAX, sum = 0;
    float *max = partial + s->rows * s->stride + row;
    for (int64_t chunk = 0; chunk < s->chunks; chunk++)
        highest = max[chunk * s->partial] > highest ? max[chunk * s->partial] : highest;
    float *o = partial + row * s->stride;
    for (int64_t chunk = 0; chunk < s->chunks; chunk++) {
        mg_lanes weight = mg_exp2(mg_splat(max[chunk * s->partial] - highest));
        const float *more = o + chunk * s->partial;
        for (int64_t d = 0; d < s->stride; d += MG_LANES) {
            mg_lanes old = chunk > 0 ? mg_load(o + d) : mg_splat(0);
            mg_store(o + d, mg_fma(weight, mg_load(more + d), old));
        }
        float factor[MG_LANES];
        mg_store(factor, weight);
        sum += factor[0] * max[chunk * s->partial + s->rows];
    }
    if (s->chunks > 0)
        rows_give(o, sum, a->dim, out, half);
    else
        memset(out, 0, (size_t)a->dim * sizeof(float));
}

/* A chunk of a kv head, from the key `from` on. */
typedef void decode_chunk_run(const mg_attention *a, const decode_shape *s, int64_t group, int64_t from, float *partial,
                              float *scratch);

/* `half`: whether dim is in the order of rows.tmpl.h's bf16 in what the chunks leave. */
MG_INLINE void decode_chunks(const mg_attention *a, const mg_work *work, decode_chunk_run *chunk, const int half) {
    decode_shape s = decode_shape_of(a);
    float *partials = a->buffers.workspace;
    float *scratch = partials + a->kv_heads * s.chunks * s.partial + s.scratch * work->index;
    int64_t from, to;
    mg_work_range(work, a->kv_heads * s.chunks, 1, &from, &to);
    for (int64_t pair = from; pair < to; pair++)
        chunk(a, &s, pair / s.chunks, pair % s.chunks * s.chunk, partials + pair * s.partial, scratch);
    mg_work_wait(work);
    mg_work_range(work, a->kv_heads * s.rows, 1, &from, &to);
    for (int64_t row = from; row < to; row++)
        decode_merge(a, &s, partials + row / s.rows * s.chunks * s.partial, row % s.rows, a->o + row * a->dim, half);
}

MG_INLINE void decode_chunk_f32(const mg_attention *a, const decode_shape *s, int64_t group, int64_t from,
                                float *partial, float *scratch) {
    decode_chunk(a, s, group, from, partial, scratch, 0);
}

MG_INLINE void decode_chunk_bf16(const mg_attention *a, const decode_shape *s, int64_t group, int64_t from,
                                 float *partial, float *scratch) {
    decode_chunk(a, s, group, from, partial, scratch, 1);
}

MG_INLINE void decode(const void *arguments, const mg_work *work) {
    const mg_attention *a = arguments;
    if (a->dtype == MG_BF16)
        decode_chunks(a, work, decode_chunk_bf16, 1);
    else
        decode_chunks(a, work, decode_chunk_f32, 0);
}
