#pragma once
/* cached_attention: attention of generated tokens to the keys and values that their texts have kept.

   For each row r and query head h, with g = h / (heads / kv_heads), s = row[r].slot, and R the rotation by
   row[r].position: O[r][h] = softmax(scale · R(Q[r][h]) · K[g]ᵀ) · V[g]   over the slots row[r].first ... s of the
   row's text. With `stores`, R(K[r]) and V[r] enter the cache at s first; no other row of the call may see that slot.
   Without, they are there already, and k and v are not read.

   Q: [rows][heads][dim]; K, V: [rows][kv_heads][dim]; rows of each may lie apart. O: [rows][heads][dim], never read.
   A row's bits depend on its own text alone: not on the rows beside it, the blocks its text lies in, or the workers. */
#include "mg_variant.h"

typedef enum mg_cache_format { MG_CACHE_F32 = 0, MG_CACHE_BF16 = 1, MG_CACHE_Q8 = 2 } mg_cache_format;

/* The keys and values of one layer, of all texts: [kv_heads][slots] rows of the dim values of one head at one slot.
   A text's slot s is the slot table[s / block] · block + s % block of these: a text whose blocks follow each other has
   each head's rows in one piece. Q8: blocks of 32 int8 with a float in front, the largest magnitude / 127; the last
   block of a row may be shorter. */
typedef struct mg_cache {
    mg_cache_format format;
    int64_t kv_heads, dim;
    int64_t slots; /* of all blocks */
    int64_t block; /* slots of a block */
    uint8_t *k, *v;
} mg_cache;

/* The widest head: dim of a cache is no more. */
enum { MG_WIDEST_HEAD = 1024 };

/* Bytes of a row. */
int64_t mg_cache_row_bytes(mg_cache_format format, int64_t dim);

/* One token of a pass. */
typedef struct mg_row {
    int64_t position; /* in its text */
    int64_t slot;     /* in its text's table */
    int64_t first;    /* slot of the first key that it sees */
    int64_t table;    /* where its text's table begins in the tables of all texts */
} mg_row;

/* Rotary positions (Su et al. 2021, "RoFormer"): pair i of a head's first `rotated` values turns by the angle of
   [position][i]; no cosines: nothing turns. */
typedef struct mg_rotary {
    const float *cosines, *sines; /* [positions][rotated / 2] */
    int64_t rotated;
    int32_t halves; /* 1: a pair is (i, i + rotated / 2); 0: (2i, 2i + 1) */
} mg_rotary;

/* What a call does: all of it, or one of its two halves. Between the halves all workers have to have ended the first;
   the second may then be computed by a worker alone, into memory of its own. Or it only stores the rows' keys and
   values: before a call in which rows see each other's. */
typedef enum mg_attention_stage {
    MG_STAGE_ALL = 0,
    MG_STAGE_ATTEND = 1,
    MG_STAGE_MERGE = 2,
    MG_STAGE_STORE = 3
} mg_attention_stage;

typedef struct mg_cached_attention {
    mg_buffers buffers;
    int64_t rows, heads;
    mg_cache cache;
    int64_t keys; /* that a row sees at most: workspace_bytes counts with it */
    mg_rotary rotary;
    float scale;
    int32_t stores;
    mg_attention_stage stage;
    const mg_row *row;      /* [rows] */
    const int32_t *tables;  /* of all texts */
    const float *q, *k, *v; /* row r of each at r · stride */
    int64_t q_stride, k_stride, v_stride;
    float *o;
} mg_cached_attention;

const mg_family *mg_cached_attention_family(void);
