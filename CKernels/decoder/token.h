#pragma once
/* Attention of one token, read from the cache as it is stored.

   Against a variant of the attention family that is called head by head over the cache: nothing is laid out first, the
   token's key and value enter the cache on the way, and a chunk of keys of one kv head is an item of work, so that
   three kv heads keep two workers busy with one barrier instead of four. Keys in bf16 or Q8 are widened a vector's
   worth of rows at a time, in the first cache, once for all query heads that share them. Loses where a chunk is the
   whole context: short ones, by what the merge costs.

   The file of an instruction set gives, in its target region, the lanes of the attention family and
     token_halves(p)   MG_LANES values of bf16 as f32
     token_bytes(p)    MG_LANES values of int8 as f32
   Sums: a score is dim / MG_LANES fused steps in each lane and log2(MG_LANES) additions; a chunk adds its weighted
   values key after key; the merge adds the chunks in their order. Source: Dao, Haziza, Massa, Sizov 2023,
   "Flash-Decoding for long-context inference". */
#include "cache.h"
#include "rotary.h"
#include "token_shape.h"

/* `count` <= MG_LANES rows of a head, `stride` floats apart, and 0 beyond dim if they were widened. */
typedef struct token_rows {
    const float *first;
    int64_t stride;
} token_rows;

MG_INLINE void token_widen(mg_cache_format format, const uint8_t *row, int64_t dim, float *out) {
    const int64_t whole = dim / MG_LANES * MG_LANES;
    for (int64_t i = 0; i < whole; i += MG_LANES) {
        if (format == MG_CACHE_F32) {
            mg_store(out + i, mg_load((const float *)row + i));
        } else if (format == MG_CACHE_BF16) {
            mg_store(out + i, token_halves((const uint16_t *)row + i));
        } else {
            const uint8_t *block = row + i / CACHE_BLOCK * CACHE_BLOCK_BYTES;
            float step;
            memcpy(&step, block, 4);
            mg_store(out + i, mg_mul(mg_splat(step), token_bytes((const int8_t *)block + 4 + i % CACHE_BLOCK)));
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
MG_INLINE token_rows token_take(const mg_cache *c, uint8_t *base, int64_t row_bytes, int64_t head, int64_t slot,
                                int64_t count, float *tile) {
    if (c->format == MG_CACHE_F32 && (c->page == 0 || slot % c->page + count <= c->page))
        return (token_rows){(const float *)cache_row(c, base, row_bytes, head, slot), c->dim};
    const int64_t stride = token_padded(c->dim);
    for (int64_t j = 0; j < count; j++)
        token_widen(c->format, cache_row(c, base, row_bytes, head, slot + j), c->dim, tile + j * stride);
    return (token_rows){tile, stride};
}

/* The scores of `keys` (constant where it is MG_LANES) rows with one query. */
MG_INLINE mg_lanes token_dots(const float *q, token_rows k, const int64_t keys, int64_t dim) {
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
MG_INLINE void token_values(const int rows, const int vectors, const int64_t part, const float *p, token_rows v,
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
            mg_lanes weight = mg_splat(p[r * TOKEN_LONG + j]);
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
MG_INLINE float token_exponentials(float *p, int64_t count, float *max) {
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

typedef struct token_item {
    int64_t head, slot, count; /* kv head; keys of the chunk */
    const float *q;            /* [rows][padded dim], scaled */
    float *tile, *p;
    float *o; /* [rows][padded dim] */
    float *max, *sum;
    int64_t apart; /* from row to row of max and of sum */
} token_item;

MG_INLINE void token_chunk(const int rows, const mg_token_attention *s, const token_item *t) {
    const mg_cache *c = &s->cache;
    const int64_t dim = c->dim, stride = token_padded(dim), row_bytes = mg_cache_row_bytes(c->format, dim);
    for (int64_t j = 0; j < t->count; j += MG_LANES) {
        int64_t keys = t->count - j < MG_LANES ? t->count - j : MG_LANES;
        token_rows k = token_take(c, c->k, row_bytes, t->head, t->slot + j, keys, t->tile);
        for (int r = 0; r < rows; r++)
            mg_store(t->p + r * TOKEN_LONG + j, keys == MG_LANES ? token_dots(t->q + r * stride, k, MG_LANES, dim)
                                                                 : token_dots(t->q + r * stride, k, keys, dim));
    }
    for (int r = 0; r < rows; r++)
        t->sum[r * t->apart] = token_exponentials(t->p + r * TOKEN_LONG, t->count, t->max + r * t->apart);
    for (int64_t i = 0; i < rows * stride; i += MG_LANES)
        mg_store(t->o + i, mg_splat(0));
    for (int64_t j = 0; j < t->count; j += MG_LANES) {
        int64_t keys = t->count - j < MG_LANES ? t->count - j : MG_LANES, i = 0;
        token_rows v = token_take(c, c->v, row_bytes, t->head, t->slot + j, keys, t->tile), at = v;
        for (; i + 4 * MG_LANES <= dim; i += 4 * MG_LANES, at.first += 4 * MG_LANES)
            token_values(rows, 4, 0, t->p + j, at, keys, t->o + i, stride);
        for (; i + MG_LANES <= dim; i += MG_LANES, at.first += MG_LANES)
            token_values(rows, 1, 0, t->p + j, at, keys, t->o + i, stride);
        if (i < dim)
            token_values(rows, 1, dim - i, t->p + j, at, keys, t->o + i, stride);
    }
}

static void token_attend(const void *arguments, const mg_work *work) {
    const mg_token_attention *s = arguments;
    const mg_cache *c = &s->cache;
    const mg_place *at = s->place;
    const int64_t dim = c->dim, stride = token_padded(dim), group = s->heads / c->kv_heads;
    const int64_t keys = at->slot + 1 - at->first, chunk = token_chunk_of(keys), chunks = (keys + chunk - 1) / chunk;
    const int64_t most = token_most_chunks(c->capacity), row_bytes = mg_cache_row_bytes(c->format, dim);
    const rotary_turn turn = {s->cosines, s->sines, s->rotated, s->halves};
    float *q = s->scratch + work->index * mg_token_scratch_floats(dim);
    float *tile = q + TOKEN_ROWS * stride, *p = tile + TOKEN_LANES * stride, *turned = p + TOKEN_ROWS * TOKEN_LONG;
    float *maxima = s->partials + s->heads * most * stride, *sums = maxima + s->heads * most;
    int64_t from, to;
    mg_work_range(work, c->kv_heads * chunks, 1, &from, &to);
    for (int64_t item = from; item < to; item++) {
        const int64_t head = item / chunks, index = item % chunks;
        if (index == chunks - 1) { /* the token's own key is among these */
            const float *k = s->projected[1] + head * dim;
            if (s->cosines) {
                rotary(turn, at->position, k, dim, turned);
                k = turned;
            }
            cache_put(c->format, k, dim, cache_row(c, c->k, row_bytes, head, at->slot));
            cache_put(c->format, s->projected[2] + head * dim, dim, cache_row(c, c->v, row_bytes, head, at->slot));
        }
        for (int64_t row = 0; row < group; row += TOKEN_ROWS) {
            const int64_t first = head * group + row, rows = group - row < TOKEN_ROWS ? group - row : TOKEN_ROWS;
            /* One slab of rows stays turned for all chunks of its head. */
            if (group > TOKEN_ROWS || item == from || index == 0)
                for (int64_t r = 0; r < rows; r++) {
                    const float *x = s->projected[0] + (first + r) * dim;
                    float *out = q + r * stride;
                    if (s->cosines)
                        rotary(turn, at->position, x, dim, out);
                    else
                        memcpy(out, x, (size_t)dim * 4);
                    for (int64_t i = 0; i < dim; i++)
                        out[i] *= s->scale;
                    for (int64_t i = dim; i < stride; i++)
                        out[i] = 0;
                }
            const token_item t = {.head = head,
                                  .slot = at->first + index * chunk,
                                  .count = index == chunks - 1 ? keys - index * chunk : chunk,
                                  .q = q,
                                  .tile = tile,
                                  .p = p,
                                  /* rows of a slab lie together, chunk by chunk of its kv head */
                                  .o = s->partials + (head * most * group + index * group + row) * stride,
                                  .max = maxima + first * most + index,
                                  .sum = sums + first * most + index,
                                  .apart = most};
            switch (rows) {
            case 1:
                token_chunk(1, s, &t);
                break;
            case 2:
                token_chunk(2, s, &t);
                break;
            case 3:
                token_chunk(3, s, &t);
                break;
            default:
                token_chunk(4, s, &t);
            }
        }
    }
}

/* out = Σ w[j] · partial[j], over the chunks in their order, by `by`. */
MG_INLINE void token_gather(const mg_token_attention *s, int64_t head, int64_t chunks, float *out) {
    const int64_t dim = s->cache.dim, stride = token_padded(dim), group = s->heads / s->cache.kv_heads;
    const int64_t most = token_most_chunks(s->cache.capacity);
    const float *max = s->partials + s->heads * most * stride + head * most, *sums = max + s->heads * most;
    const float *o = s->partials + (head / group * most * group + head % group) * stride;
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
                mg_lanes before = j + n == 0 ? mg_splat(0) : mg_load_first(out + i, some, 0);
                mg_store_first(out + i, mg_fma(weight, mg_load(partial + i), before), some);
            }
        }
    }
    const mg_lanes by = mg_splat(1 / total);
    for (int64_t i = 0; i < dim; i += MG_LANES) {
        const int64_t some = dim - i < MG_LANES ? dim - i : MG_LANES;
        mg_store_first(out + i, mg_mul(mg_load_first(out + i, some, 0), by), some);
    }
}

static void token_merge(const void *arguments, const mg_work *work) {
    const mg_token_attention *s = arguments;
    const int64_t keys = s->place->slot + 1 - s->place->first, chunk = token_chunk_of(keys);
    int64_t from, to;
    mg_work_range(work, s->heads, 1, &from, &to);
    for (int64_t head = from; head < to; head++)
        token_gather(s, head, (keys + chunk - 1) / chunk, s->o + head * s->cache.dim);
}
