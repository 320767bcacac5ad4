#pragma once
/* decoder: what a transformer's decoder needs between the calls of the families: a program that runs one call after
   another inside one call of the team, the cache of keys and values, rotary positions, gates.
   These are tasks as the families' are: they allocate nothing, and no number of workers changes a bit of what they
   write. */
#include "mg_attention.h"

/* One call of a program; the argument structs stay where they are while the program lives. */
typedef struct mg_step {
    mg_task *run;
    const void *arguments;
} mg_step;

typedef struct mg_program {
    const mg_step *steps;
    int64_t count;
} mg_program;

/* Runs an mg_program's steps in order; all workers have ended a step before one begins the next. */
mg_task mg_program_run;

/* A step, and cheap ones before it that every worker computes whole, for itself, into memory of its own: that costs
   less than to share them and wait. Worker w runs before[w · count ..< (w + 1) · count] alone, then takes its part in
   steps[w], whose arguments differ between workers in nothing but where they read what was computed before. */
typedef struct mg_fold {
    const mg_step *before; /* [workers][count] */
    int64_t count;
    const mg_step *steps; /* [workers] */
} mg_fold;

mg_task mg_fold_run;

/* Where in a text a pass stands: all layers share one. */
typedef struct mg_place {
    int64_t rows;     /* tokens of this pass */
    int64_t position; /* of the first of them in the text */
    int64_t slot;     /* of the first of them in the cache */
    int64_t first;    /* slot of the first key that is seen */
} mg_place;

typedef enum mg_cache_format { MG_CACHE_F32 = 0, MG_CACHE_BF16 = 1, MG_CACHE_Q8 = 2 } mg_cache_format;

/* The keys and values of one layer. A row is the dim values of one head at one slot.
   Whole: k, v are [kv_heads][capacity] rows. Paged: [pages][kv_heads][page] rows, slot s in page table[s / page].
   Q8: blocks of 32 int8 with a float in front, the largest magnitude / 127; the last block may be shorter. */
typedef struct mg_cache {
    mg_cache_format format;
    int64_t kv_heads, dim;
    int64_t capacity;     /* slots */
    int64_t page;         /* slots of a page; 0: whole */
    const int32_t *table; /* of pages; NULL where page is 0 */
    uint8_t *k, *v;
} mg_cache;

/* The widest head: dim of a cache is no more. */
enum { MG_WIDEST_HEAD = 1024 };

/* Bytes of a row. */
int64_t mg_cache_row_bytes(mg_cache_format format, int64_t dim);

/* The projections of `rows` tokens put where attention reads them: queries by heads, keys and values into the cache.
   Queries and keys are rotated by their position (Su et al. 2021, "RoFormer"), if there are cosines: pair i of a head's
   first `rotated` values turns by the angle of [position][i]. */
typedef struct mg_split_heads {
    const mg_place *place;
    mg_cache cache;
    int64_t heads;
    const float *projected[3]; /* queries [rows][heads][dim], keys and values [rows][kv_heads][dim] */
    int64_t stride[3];         /* from row to row of each */
    const float *cosines;      /* [positions][rotated / 2], or NULL */
    const float *sines;        /* the same shape */
    int64_t rotated;
    int32_t halves; /* 1: a pair is (i, i + rotated / 2); 0: (2i, 2i + 1) */
    mg_dtype dtype; /* of q */
    void *q;        /* [heads][rows][dim] */
} mg_split_heads;

mg_task mg_split_heads_run;

/* [heads][rows][dim] to [rows][heads][dim]. */
typedef struct mg_join_heads {
    const mg_place *place;
    int64_t heads, dim;
    const float *heads_first;
    float *rows_first;
} mg_join_heads;

mg_task mg_join_heads_run;

/* Attention of the pass's queries to the cache, by a variant of the attention family. Its call is made for one kv head
   and the query heads that share it, so that a cache need not be as long as what it holds. One query: workers take
   heads whole, and share those that are left over. Several: workers share each head. What is not stored as the variant
   reads it (pages, Q8) is first laid out in scratch. */
typedef struct mg_cached_attention {
    const mg_place *place;
    mg_cache cache;
    int64_t heads;
    float scale;
    mg_dtype dtype; /* of q and of what the variant reads */
    mg_task *run;   /* the variant's */
    const void *q;  /* [heads][rows][dim] */
    float *o;       /* the same */
    uint8_t *workspace;
    size_t
        call_bytes; /* of the variant's workspace for all workers; a worker alone has as much at index · call_bytes */
    uint8_t *scratch; /* where something is laid out first: for each worker K and V, [capacity][dim] each */
} mg_cached_attention;

mg_task mg_cached_attention_run;

/* Which rows of a pass are a text of their own. */
typedef struct mg_texts {
    int64_t count;
    const int64_t *starts; /* [count + 1]: rows of text t are starts[t] to starts[t + 1] */
} mg_texts;

/* Attention of each text of the pass to itself, both ways, by a variant of the attention family; keys and values of row
   r are at slot r of a whole cache in f32 or bf16. */
typedef struct mg_text_attention {
    const mg_place *place;
    const mg_texts *texts;
    mg_cache cache;
    int64_t heads;
    float scale;
    mg_dtype dtype; /* of q and of what the variant reads */
    mg_task *run;   /* the variant's */
    const void *q;  /* [heads][rows][dim] */
    float *o;       /* the same */
    uint8_t *workspace;
    size_t call_bytes; /* of the variant's workspace; each worker has as much at index · call_bytes */
} mg_text_attention;

mg_task mg_text_attention_run;

/* One token from its projections to its attention: its key and value are put into the cache, its queries turned, and
   the cache is read as it is stored: f32, bf16 or Q8, whole or in pages. The keys are split into chunks, whose length
   their number alone decides; workers take pairs of a kv head and a chunk (`attend`), and what they leave is merged,
   after a barrier, in the order of the chunks (`merge`, by one worker alone). */
typedef struct mg_token_attention {
    const mg_place *place; /* rows is 1 */
    mg_cache cache;
    int64_t heads;
    float scale;
    const float *projected[3]; /* queries [heads][dim], keys and values [kv_heads][dim] */
    const float *cosines;      /* [positions][rotated / 2], or NULL */
    const float *sines;        /* the same shape */
    int64_t rotated;
    int32_t halves;  /* 1: a pair is (i, i + rotated / 2); 0: (2i, 2i + 1) */
    float *partials; /* mg_token_partial_floats, of all workers */
    float *scratch;  /* mg_token_scratch_floats for each worker */
    float *o;        /* [heads][dim], where merge writes */
} mg_token_attention;

int64_t mg_token_partial_floats(int64_t heads, int64_t dim, int64_t capacity);
int64_t mg_token_scratch_floats(int64_t dim);

typedef struct mg_token_variant {
    const char *name;
    uint32_t needs; /* MG_* bits of mg_cpu.h */
    mg_task *attend;
    mg_task *merge;
} mg_token_variant;

/* Best first. */
const mg_token_variant *const *mg_token_variants(int32_t *count);

/* out = silu(gate) ∘ up, rows of `hidden` values. */
typedef struct mg_gate {
    const mg_place *place;
    int64_t hidden;
    mg_task *silu; /* a variant of the elementwise family */
    const float *gate;
    const float *up;
    int64_t stride; /* from row to row of gate and of up */
    float *out;     /* [rows][hidden] */
} mg_gate;

mg_task mg_gate_run;

/* out = x rounded to bf16, to nearest, ties to even: [rows][columns]. */
typedef struct mg_round_rows {
    const mg_place *place;
    int64_t columns;
    const float *x;
    uint16_t *out;
} mg_round_rows;

mg_task mg_round_rows_run;
