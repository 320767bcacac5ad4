#pragma once
/* cached_attention, direct: the cache is read as it is stored.

   Against a variant of the attention family that is called head by head over the cache: nothing is laid out first, a
   row's key and value enter the cache on the way, and a chunk of the keys of one row and kv head is an item of work, so
   that three kv heads keep two workers busy with one barrier instead of four. Keys in bf16 or Q8 are widened a vector's
   worth of rows at a time, in the first cache, once for all query heads that share them. Loses where a chunk is the
   whole text: short ones, by what the merge costs.

   The file of an instruction set gives, in its target region, the lanes of the attention family and
     direct_halves(p)   MG_LANES values of bf16 as f32
     direct_bytes(p)    MG_LANES values of int8 as f32
   Sums: a score is dim / MG_LANES fused steps in each lane and log2(MG_LANES) additions; a chunk adds its weighted
   values key after key; the merge adds the chunks in their order. Source: Dao, Haziza, Massa, Sizov 2023,
   "Flash-Decoding for long-context inference". */
#include "cache.h"
#include "rotary.h"
#include "split.h"

/* `count` <= MG_LANES rows of a head, `stride` floats apart, and 0 beyond dim if they were widened. */
typedef struct direct_rows {
    const float *first;
    int64_t stride;
} direct_rows;

MG_INLINE void direct_widen(mg_cache_format format, const uint8_t *row, int64_t dim, float *out) {
    const int64_t whole = dim / MG_LANES * MG_LANES;
    for (int64_t i = 0; i < whole; i += MG_LANES) {
        if (format == MG_CACHE_F32) {
            mg_store(out + i, mg_load((const float *)row + i));
        } else if (format == MG_CACHE_BF16) {
            mg_store(out + i, direct_halves((const uint16_t *)row + i));
        } else {
            const uint8_t *block = row + i / CACHE_BLOCK * CACHE_BLOCK_BYTES;
            float step;
            memcpy(&step, block, 4);
            mg_store(out + i, mg_mul(mg_splat(step), direct_bytes((const int8_t *)block + 4 + i % CACHE_BLOCK)));
        }
    }
    for (int64_t i = whole; i < dim; i++) {
        float value;
        if (format == MG_CACHE_F32) {
            memcpy(&value, row + i * 4, 4);
        } else if (format == MG_CACHE_BF16) {
            uint32_t bits = (uint32_t)((const uint16_t *)row)[i] << 16;
            memcpy(&value, &bits, 4);
        } else {
            const uint8_t *block = row + i / CACHE_BLOCK * CACHE_BLOCK_BYTES;
            memcpy(&value, block, 4);
            value *= (float)(int8_t)block[4 + i % CACHE_BLOCK];
        }
        out[i] = value;
    }
}

/* Slots from .. of a head: where they lie if they lie together in f32, else in `tile`. */
MG_INLINE direct_rows direct_take(const mg_cache *c, uint8_t *base, const int32_t *table, int64_t row_bytes,
                                  int64_t head, int64_t slot, int64_t count, float *tile) {
    const int64_t stride = split_padded(c->dim);
    uint8_t *row = cache_row(c, base, table, row_bytes, head, slot);
    if (cache_together(c, table, slot, count)) {
        if (c->format == MG_CACHE_F32)
            return (direct_rows){(const float *)row, c->dim};
        for (int64_t j = 0; j < count; j++)
            direct_widen(c->format, row + j * row_bytes, c->dim, tile + j * stride);
    } else {
        for (int64_t j = 0; j < count; j++)
            direct_widen(c->format, cache_row(c, base, table, row_bytes, head, slot + j), c->dim, tile + j * stride);
    }
    return (direct_rows){tile, stride};
}

/* The scores of `keys` (constant where it is MG_LANES) rows with one query. */
MG_INLINE mg_lanes direct_dots(const float *q, direct_rows k, const int64_t keys, int64_t dim) {
    const int64_t whole = dim / MG_LANES * MG_LANES;
    mg_lanes sums[MG_LANES];
#pragma clang loop unroll(full)
    for (int j = 0; j < MG_LANES; j++)
        sums[j] = mg_splat(0);
    for (int64_t i = 0; i < whole; i += MG_LANES) {
        mg_lanes some = mg_load(q + i);
#pragma clang loop unroll(full)
        for (int j = 0; j < MG_LANES; j++)
            if (j < keys)
                sums[j] = mg_fma(some, mg_load(k.first + j * k.stride + i), sums[j]);
    }
    if (whole < dim) {
        mg_lanes some = mg_load(q + whole);
#pragma clang loop unroll(full)
        for (int j = 0; j < MG_LANES; j++)
            if (j < keys)
                sums[j] = mg_fma(some, mg_load_first(k.first + j * k.stride + whole, dim - whole, 0), sums[j]);
    }
    return mg_sums_of(sums);
}

/* o[r] += Σ p[r][j] · v[j], for `vectors` vectors of dim from i on; the last of them may be a part. */
MG_INLINE void direct_values(const int rows, const int vectors, const int64_t part, const float *p, direct_rows v,
                             int64_t count, float *o, int64_t o_stride) {
    mg_lanes sums[4][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            sums[r][n] = mg_load(o + r * o_stride + n * MG_LANES);
    for (int64_t j = 0; j < count; j++) {
        const float *row = v.first + j * v.stride;
        mg_lanes some[4];
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            some[n] = part ? mg_load_first(row, part, 0) : mg_load(row + n * MG_LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            mg_lanes weight = mg_splat(p[r * SPLIT_LONG + j]);
#pragma clang loop unroll(full)
            for (int n = 0; n < vectors; n++)
                sums[r][n] = mg_fma(weight, some[n], sums[r][n]);
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int n = 0; n < vectors; n++)
            mg_store(o + r * o_stride + n * MG_LANES, sums[r][n]);
}

/* Scores become exp(score − max), 0 from `count` on; their sum. */
MG_INLINE float direct_exponentials(float *p, int64_t count, float *max) {
    const int64_t padded = (count + MG_LANES - 1) / MG_LANES * MG_LANES;
    for (int64_t j = count; j < padded; j++)
        p[j] = -INFINITY;
    mg_lanes most = mg_load(p), sum = mg_splat(0);
    for (int64_t j = MG_LANES; j < padded; j += MG_LANES)
        most = mg_max(most, mg_load(p + j));
    *max = mg_max_of(most);
    mg_lanes from = mg_splat(*max == -INFINITY ? 0 : *max);
    for (int64_t j = 0; j < padded; j += MG_LANES) {
        mg_lanes e = mg_exp(mg_sub(mg_load(p + j), from));
        sum = mg_add(sum, e);
        mg_store(p + j, e);
    }
    return mg_sum_of(sum);
}

typedef struct direct_item {
    const int32_t *table;
    int64_t head, slot, count; /* kv head; keys of the chunk */
    const float *q;            /* [rows][padded dim], scaled */
    float *tile, *p;
    float *o; /* [rows][padded dim] */
    float *max, *sum;
    int64_t apart; /* from row to row of max and of sum */
} direct_item;

MG_INLINE void direct_chunk(const int rows, const mg_cache *c, const direct_item *t) {
    const int64_t dim = c->dim, stride = split_padded(dim), row_bytes = mg_cache_row_bytes(c->format, dim);
    for (int64_t j = 0; j < t->count; j += MG_LANES) {
        int64_t keys = t->count - j < MG_LANES ? t->count - j : MG_LANES;
        direct_rows k = direct_take(c, c->k, t->table, row_bytes, t->head, t->slot + j, keys, t->tile);
        for (int r = 0; r < rows; r++)
            mg_store(t->p + r * SPLIT_LONG + j, keys == MG_LANES ? direct_dots(t->q + r * stride, k, MG_LANES, dim)
                                                                 : direct_dots(t->q + r * stride, k, keys, dim));
    }
    for (int r = 0; r < rows; r++)
        t->sum[r * t->apart] = direct_exponentials(t->p + r * SPLIT_LONG, t->count, t->max + r * t->apart);
    for (int64_t i = 0; i < rows * stride; i += MG_LANES)
        mg_store(t->o + i, mg_splat(0));
    for (int64_t j = 0; j < t->count; j += MG_LANES) {
        int64_t keys = t->count - j < MG_LANES ? t->count - j : MG_LANES, i = 0;
        direct_rows v = direct_take(c, c->v, t->table, row_bytes, t->head, t->slot + j, keys, t->tile), at = v;
        for (; i + 4 * MG_LANES <= dim; i += 4 * MG_LANES, at.first += 4 * MG_LANES)
            direct_values(rows, 4, 0, t->p + j, at, keys, t->o + i, stride);
        for (; i + MG_LANES <= dim; i += MG_LANES, at.first += MG_LANES)
            direct_values(rows, 1, 0, t->p + j, at, keys, t->o + i, stride);
        if (i < dim)
            direct_values(rows, 1, dim - i, t->p + j, at, keys, t->o + i, stride);
    }
}

/* Where the partial results of row r lie: [kv_heads][chunks][group][padded dim] values, a maximum and a sum of each
   [heads][chunks]. */
typedef struct direct_partials {
    float *o, *max, *sum;
} direct_partials;

MG_INLINE direct_partials direct_partials_of(const mg_cached_attention *s, int64_t row) {
    const int64_t all = s->heads * split_most_chunks(s->keys), stride = split_padded(s->cache.dim);
    float *o = (float *)s->buffers.workspace + row * all * (stride + 2);
    return (direct_partials){o, o + all * stride, o + all * (stride + 1)};
}

/* A row's key and value of a head into the cache. */
MG_INLINE void direct_store(const mg_cached_attention *s, int64_t row, const int32_t *table, int64_t head,
                            float *turned) {
    const mg_cache *c = &s->cache;
    const mg_row *at = s->row + row;
    const int64_t dim = c->dim, row_bytes = mg_cache_row_bytes(c->format, dim);
    const float *k = s->k + row * s->k_stride + head * dim;
    if (s->rotary.cosines) {
        rotary(&s->rotary, at->position, k, dim, turned);
        k = turned;
    }
    cache_put(c->format, k, dim, cache_row(c, c->k, table, row_bytes, head, at->slot));
    cache_put(c->format, s->v + row * s->v_stride + head * dim, dim,
              cache_row(c, c->v, table, row_bytes, head, at->slot));
}

/* `count` query heads of a row from `first` on: turned, scaled, and 0 beyond dim. */
MG_INLINE void direct_queries(const mg_cached_attention *s, int64_t row, int64_t first, int64_t count, float *q) {
    const int64_t dim = s->cache.dim, stride = split_padded(dim);
    for (int64_t r = 0; r < count; r++) {
        const float *x = s->q + row * s->q_stride + (first + r) * dim;
        float *out = q + r * stride;
        if (s->rotary.cosines)
            rotary(&s->rotary, s->row[row].position, x, dim, out);
        else
            memcpy(out, x, (size_t)dim * 4);
        for (int64_t i = 0; i < dim; i++)
            out[i] *= s->scale;
        for (int64_t i = dim; i < stride; i++)
            out[i] = 0;
    }
}

static void direct_attend(const mg_cached_attention *s, const mg_work *work) {
    const mg_cache *c = &s->cache;
    const int64_t dim = c->dim, stride = split_padded(dim), group = s->heads / c->kv_heads;
    const int64_t most = split_most_chunks(s->keys);
    /* Scratch of this worker: queries, rows of keys or values, a key that is being turned, scores. */
    float *q = (float *)s->buffers.workspace + s->rows * s->heads * most * (stride + 2) +
               work->index * split_scratch_floats(dim);
    float *tile = q + SPLIT_ROWS * stride, *turned = tile + SPLIT_LANES * stride, *p = turned + stride;
    int64_t from, to, items = 0;
    for (int64_t row = 0; row < s->rows; row++)
        items += c->kv_heads * split_chunks(s->row[row].slot + 1 - s->row[row].first);
    mg_work_range(work, items, 1, &from, &to);
    for (int64_t row = 0, before = 0; row < s->rows && before < to; row++) {
        const mg_row *at = s->row + row;
        const int32_t *table = s->tables + at->table;
        const int64_t keys = at->slot + 1 - at->first, chunk = split_chunk(keys), chunks = split_chunks(keys);
        const direct_partials partials = direct_partials_of(s, row);
        const int64_t start = from > before ? from - before : 0;
        const int64_t end = to - before < c->kv_heads * chunks ? to - before : c->kv_heads * chunks;
        before += c->kv_heads * chunks;
        for (int64_t item = start; item < end; item++) {
            const int64_t head = item / chunks, index = item % chunks;
            if (s->stores && index == chunks - 1) /* the row's own key is among these */
                direct_store(s, row, table, head, turned);
            for (int64_t some = 0; some < group; some += SPLIT_ROWS) {
                const int64_t first = head * group + some, rows = group - some < SPLIT_ROWS ? group - some : SPLIT_ROWS;
                /* One slab of heads stays turned for all chunks of its kv head. */
                if (group > SPLIT_ROWS || item == start || index == 0)
                    direct_queries(s, row, first, rows, q);
                const direct_item t = {.table = table,
                                       .head = head,
                                       .slot = at->first + index * chunk,
                                       .count = index == chunks - 1 ? keys - index * chunk : chunk,
                                       .q = q,
                                       .tile = tile,
                                       .p = p,
                                       /* heads of a slab lie together, chunk by chunk of their kv head */
                                       .o = partials.o + ((head * most + index) * group + some) * stride,
                                       .max = partials.max + first * most + index,
                                       .sum = partials.sum + first * most + index,
                                       .apart = most};
                switch (rows) {
                case 1:
                    direct_chunk(1, c, &t);
                    break;
                case 2:
                    direct_chunk(2, c, &t);
                    break;
                case 3:
                    direct_chunk(3, c, &t);
                    break;
                default:
                    direct_chunk(4, c, &t);
                }
            }
        }
    }
}

/* out = Σ w[j] · partial[j] over the chunks of a row's head in their order, by their sum. */
MG_INLINE void direct_gather(const mg_cached_attention *s, int64_t row, int64_t head, float *out) {
    const int64_t dim = s->cache.dim, stride = split_padded(dim), group = s->heads / s->cache.kv_heads;
    const int64_t most = split_most_chunks(s->keys), chunks = split_chunks(s->row[row].slot + 1 - s->row[row].first);
    const direct_partials partials = direct_partials_of(s, row);
    const float *max = partials.max + head * most, *sums = partials.sum + head * most;
    const float *o = partials.o + (head / group * most * group + head % group) * stride;
    float largest = max[0], total = 0, weights[MG_LANES];
    for (int64_t j = 1; j < chunks; j++)
        largest = max[j] > largest || largest != largest ? max[j] : largest;
    const float from = largest == -INFINITY ? 0 : largest;
    for (int64_t j = 0; j < chunks; j += MG_LANES) {
        const int64_t count = chunks - j < MG_LANES ? chunks - j : MG_LANES;
        mg_store(weights, mg_exp(mg_sub(mg_load_first(max + j, count, -INFINITY), mg_splat(from))));
        for (int64_t n = 0; n < count; n++) {
            const float *partial = o + (j + n) * group * stride;
            mg_lanes weight = mg_splat(weights[n]);
            total += weights[n] * sums[j + n];
            for (int64_t i = 0; i < dim; i += MG_LANES) {
                const int64_t some = dim - i < MG_LANES ? dim - i : MG_LANES;
                mg_lanes before = j + n == 0 ? mg_splat(0) : mg_load_some(out + i, some);
                mg_store_some(out + i, mg_fma(weight, mg_load(partial + i), before), some);
            }
        }
    }
    const mg_lanes by = mg_splat(1 / total);
    for (int64_t i = 0; i < dim; i += MG_LANES) {
        const int64_t some = dim - i < MG_LANES ? dim - i : MG_LANES;
        mg_store_some(out + i, mg_mul(mg_load_some(out + i, some), by), some);
    }
}

static void direct_run(const void *arguments, const mg_work *work) {
    const mg_cached_attention *s = arguments;
    int64_t from, to;
    if (s->stage == MG_STAGE_STORE) {
        float turned[MG_WIDEST_HEAD];
        mg_work_range(work, s->rows * s->cache.kv_heads, 1, &from, &to);
        for (int64_t item = from; item < to; item++) {
            const int64_t row = item / s->cache.kv_heads;
            direct_store(s, row, s->tables + s->row[row].table, item % s->cache.kv_heads, turned);
        }
        return;
    }
    if (s->stage != MG_STAGE_MERGE)
        direct_attend(s, work);
    if (s->stage == MG_STAGE_ALL)
        mg_work_wait(work);
    if (s->stage == MG_STAGE_ATTEND)
        return;
    mg_work_range(work, s->rows * s->heads, 1, &from, &to);
    for (int64_t item = from; item < to; item++)
        direct_gather(s, item / s->heads, item % s->heads, s->o + item * s->cache.dim);
}

static size_t direct_workspace_bytes(const void *arguments, int32_t workers) {
    const mg_cached_attention *s = arguments;
    const int64_t partials = s->heads * split_most_chunks(s->keys) * (split_padded(s->cache.dim) + 2);
    return (size_t)(s->rows * partials + workers * split_scratch_floats(s->cache.dim)) * 4;
}
