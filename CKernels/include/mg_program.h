#pragma once
/* program: what the pass of a model needs beside the calls of the families: a loop that runs one call after another
   inside one call of the team, and the steps between them. These are tasks as the families' are: they allocate nothing,
   and no number of workers changes a bit of what they write. */
#include "mg_attention.h"
#include "mg_cached_attention.h"

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

/* When a worker began a step, ended its part, and was released by the barrier behind it: nanoseconds. */
typedef struct mg_span {
    int64_t step;
    uint64_t begin, end, released;
} mg_span;

/* The spans of one worker, in memory that it alone writes. */
typedef struct mg_spans {
    mg_span *first;          /* a ring of `capacity` */
    int64_t capacity, count; /* count: of all that were ever written; the oldest are overwritten */
    char apart[104];         /* two workers' counts share no pair of lines */
} mg_spans;

/* The same loop with a record of each step. */
typedef struct mg_probed_program {
    mg_program program;
    int64_t first; /* number of the program's first step */
    mg_spans *workers;
} mg_probed_program;

mg_task mg_probed_program_run;

/* A step, and cheap ones before it that every worker computes whole, for itself, into memory of its own: that costs
   less than to share them and wait. Worker w runs before[w · count ..< (w + 1) · count] alone, then takes its part in
   steps[w], whose arguments differ between workers in nothing but where they read what was computed before. */
typedef struct mg_fold {
    const mg_step *before; /* [workers][count] */
    int64_t count;
    const mg_step *steps; /* [workers] */
} mg_fold;

mg_task mg_fold_run;

/* Prompt rows of one text, one behind the other. */
typedef struct mg_segment {
    int64_t row; /* the first */
    int64_t rows;
} mg_segment;

/* The rows of a pass: generated ones first, then prompt rows by their texts. All layers share it. */
typedef struct mg_batch {
    int64_t rows, generated;
    const mg_row *row;         /* [rows] */
    const int64_t *segment_of; /* [rows]: of a prompt row, the segment that it is of */
    int64_t segments;
    const mg_segment *segment;
    const int32_t *tables; /* of all texts */
    int64_t drawn;
    const int64_t *draws; /* rows whose logits are wanted */
} mg_batch;

/* The projections of prompt rows put where attention reads them: keys and values into the cache, queries by heads,
   [heads][rows][dim] for each segment behind those before it. Queries and keys turn by their position. Generated rows
   are cached_attention's, which stores as it reads. */
typedef struct mg_split_heads {
    const mg_batch *batch;
    mg_cache cache;
    int64_t heads;
    const float *q, *k, *v; /* row r of each at r · stride: [heads][dim], [kv_heads][dim] */
    int64_t q_stride, k_stride, v_stride;
    mg_rotary rotary;
    mg_dtype dtype; /* of the queries that are written */
    void *queries;
} mg_split_heads;

mg_task mg_split_heads_run;

/* Attention of prompt rows to the cache, by a variant of the attention family, segment by segment and kv head by kv
   head. Causal: a row sees its text from its segment's `first` to itself. Not causal: all rows of its segment, which
   lie at the segment's first slot and behind it. Several segments: workers take kv heads of segments whole, in turns;
   one segment, or what has to be laid out first (in Q8, or in blocks that do not follow each other): they share each.
 */
typedef struct mg_prompt_attention {
    const mg_batch *batch;
    mg_cache cache;
    int64_t heads;
    int32_t causal;
    float scale;
    mg_dtype dtype; /* of the queries and of what the variant reads */
    mg_task *run;   /* the variant's */
    const void *queries;
    float *o; /* as the queries lie */
    uint8_t *workspace;
    size_t
        call_bytes; /* of the variant's workspace for all workers; a worker alone has as much at index · call_bytes */
    uint8_t *room;  /* K and V of a head as they are laid out: [keys][dim] each */
    int64_t keys;   /* that there is room for */
} mg_prompt_attention;

mg_task mg_prompt_attention_run;

/* Prompt rows from [heads][rows][dim] of their segment to rows of [heads][dim]. */
typedef struct mg_join_heads {
    const mg_batch *batch;
    int64_t heads, dim;
    const float *heads_first;
    float *rows_first; /* of all rows of the pass */
} mg_join_heads;

mg_task mg_join_heads_run;

/* out = silu(gate) ∘ up, rows of `columns` values. */
typedef struct mg_gate {
    const mg_batch *batch;
    int64_t columns;
    mg_task *silu; /* a variant of the elementwise family */
    const float *gate, *up;
    int64_t gate_stride, up_stride; /* from row to row */
    float *out;                     /* [rows][columns] */
} mg_gate;

mg_task mg_gate_run;

/* out = x rounded to bf16, to nearest, ties to even: [rows][columns], of all rows or of those that are drawn. */
typedef struct mg_round_rows {
    const mg_batch *batch;
    int64_t columns;
    int32_t drawn;
    const float *x;
    uint16_t *out;
} mg_round_rows;

mg_task mg_round_rows_run;

/* out = the rows of x that are drawn, one behind the other. */
typedef struct mg_gather_rows {
    const mg_batch *batch;
    int64_t columns;
    const float *x;
    float *out;
} mg_gather_rows;

mg_task mg_gather_rows_run;
