#pragma once
/* attention: O[h] = softmax(scale · Q[h]·K[g]ᵀ + mask) · V[g], g = h / (heads / kv_heads).
   Q, O: [heads][queries][dim]; K, V: [kv_heads][keys][dim]; a batch is folded into heads and kv_heads.
   Q, K and V are f32, or bf16 with sums in f32; O is always f32 and is never read.
   Causal: query i sees key j when j <= i + keys − queries. A query that sees nothing gets zeros.
   NaN or Inf in K or V rows that a query does not see must not reach that query's output. */
#include "mg_variant.h"

typedef struct mg_attention {
    mg_buffers buffers;
    int64_t heads, kv_heads; /* heads is a multiple of kv_heads */
    int64_t queries, keys, dim;
    int32_t causal;
    float scale;
    mg_dtype dtype; /* of Q, K and V */
    const void *q, *k, *v;
    float *o;
} mg_attention;

const mg_family *mg_attention_family(void);
