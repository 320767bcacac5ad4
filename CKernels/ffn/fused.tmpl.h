/* The feed-forward layer in one go: the hidden values stay in the second cache, and are activated while a tile of them
   is in registers. Include after matmul/gemm.tmpl.h, in the same target region.

   Many tokens: each worker takes its own, and for each block of tokens
     for each chunk of the hidden values, one block of K of the second product
       hidden[block][chunk] = act(x[block] · W_up[:, chunk])        a panel at a time, over all of K
       out[block] += hidden · W_down[chunk, :]
   Few tokens: the workers share the columns of both products instead, with one barrier between them, because each
   weight is then read once; so few hidden values stay in the cache anyway.
   Both ways add in the same order, so a token's bits depend on neither.

   SwiGLU packs the gate's columns beside those of W_up, half a panel each, so that one tile holds both. */
#include "mg_ffn.h"

#if GEMM_UNIT == 2
#include "ffn_half.tmpl.h"
#endif

enum {
    FUSED_DTYPE = GEMM_UNIT == 2 ? MG_BF16 : MG_F32,
    /* Columns of hidden values, whole panels and quads of units, that wait as floats to be put into slivers. */
    FUSED_PART = GEMM_UNIT == 2 ? 512 : GEMM_BLOCK_K,
    /* With fewer slivers a worker, the workers share columns. */
    FUSED_SLIVERS = 4,
};

/* Tokens of a block. The hidden values of three tiles over a block of K, plain and in slivers (2 × 258 KB at 3072
   hidden), and their inputs (model 768: 129 KB) leave a third of a second cache of 1 MB to the stream of weights. */
static inline int64_t fused_tokens(const mg_ffn *f) { return mg_tuning_of(&f->buffers)->ffn_tiles * GEMM_ROWS; }

/* Columns of the hidden values in a panel of the first product. */
static inline int64_t fused_width(const mg_ffn *f) { return f->activation == MG_SILU ? GEMM_PANEL / 2 : GEMM_PANEL; }

static inline int64_t fused_panels(const mg_ffn *f) { return (f->hidden + fused_width(f) - 1) / fused_width(f); }

/* Floats of the packed first product; the second stands behind it. */
static inline int64_t fused_up(const mg_ffn *f) { return fused_panels(f) * GEMM_PANEL * gemm_units(f->model); }

/* The layer is in the number format of the product's units, to which the hidden values are rounded. */
static const char *fused_refuses(const void *arguments) {
    if (((const mg_ffn *)arguments)->dtype == (mg_dtype)FUSED_DTYPE)
        return NULL;
    return FUSED_DTYPE == MG_BF16 ? "its instruction multiplies bf16 only" : "it multiplies f32 only";
}

static size_t fused_packed_bytes(const void *arguments) {
    const mg_ffn *f = arguments;
    return (size_t)fused_up(f) * sizeof(float) + gemm_packed_bytes(f->model, f->hidden);
}

static void fused_pack(const void *arguments, void *packed) {
    const mg_ffn *f = arguments;
    if (f->w_gate) {
        int64_t size = gemm_units(f->model) * GEMM_PANEL, width = fused_width(f);
        for (int64_t panel = 0; panel < fused_panels(f); panel++) {
            uint32_t *out = (uint32_t *)packed + panel * size;
            int64_t first = panel * width, columns = gemm_min(width, f->hidden - first);
            memset(out, 0, (size_t)size * 4);
            gemm_pack_columns(f->w_gate, f->dtype, 0, f->hidden, f->model, first, columns, 0, gemm_units(f->model),
                              out);
            gemm_pack_columns(f->w_up, f->dtype, 0, f->hidden, f->model, first, columns, 0, gemm_units(f->model),
                              out + width);
        }
    } else {
        gemm_pack(f->w_up, f->dtype, 0, f->hidden, f->model, 0, gemm_panels(f->hidden), packed);
    }
    gemm_pack(f->w_down, f->dtype, 0, f->model, f->hidden, 0, gemm_panels(f->model), (float *)packed + fused_up(f));
}

static inline int fused_by_tokens(const mg_ffn *f, int32_t workers) {
    return f->tokens >= (int64_t)workers * FUSED_SLIVERS * GEMM_ROWS;
}

/* A worker's scratch, in floats: slivers of the inputs, the sums of one panel, a chunk of hidden values, its slivers.
 */
static inline int64_t fused_inputs(const mg_ffn *f) {
    return gemm_min(f->tokens, fused_tokens(f)) * gemm_units(f->model);
}
static inline int64_t fused_partial(const mg_ffn *f) { return fused_tokens(f) * GEMM_PANEL; }
static inline int64_t fused_part(const mg_ffn *f) { return fused_tokens(f) * FUSED_PART; }
static inline int64_t fused_slivers(const mg_ffn *f) { return fused_tokens(f) * GEMM_BLOCK_K; }

static inline int64_t fused_scratch(const mg_ffn *f) {
    int64_t first = fused_inputs(f) + fused_partial(f);
    int64_t second = (int64_t)(gemm_scratch_bytes(mg_tuning_of(&f->buffers), f->hidden) / sizeof(float));
    int64_t both = first + fused_part(f) + fused_slivers(f);
    return both > second ? both : second;
}

static size_t fused_workspace_bytes(const void *arguments, int32_t workers) {
    const mg_ffn *f = arguments;
    int64_t shared = fused_by_tokens(f, workers) ? 0 : f->tokens * f->hidden;
    if (GEMM_UNIT == 2)
        shared += (shared + 1) / 2; /* and rounded */
    return (size_t)(shared + fused_scratch(f) * workers) * sizeof(float);
}

/* The first product: hidden values of any tokens, `ldc` apart at `c`, which stands for column 0. */
static inline gemm fused_first(const mg_ffn *f, float *c, int64_t ldc, float *partial) {
    return (gemm){.tuning = mg_tuning_of(&f->buffers),
                  .n = f->hidden,
                  .k = f->model,
                  .a = f->x,
                  .lda = f->model,
                  .dtype = FUSED_DTYPE,
                  .packed = f->buffers.packed,
                  .c = c,
                  .ldc = ldc,
                  .bias = f->b_up,
                  .activation = f->activation,
                  .gated = f->w_gate != NULL,
                  .partial = partial};
}

static inline gemm fused_second(const mg_ffn *f, const void *hidden, int64_t lda) {
    return (gemm){.tuning = mg_tuning_of(&f->buffers),
                  .n = f->model,
                  .k = f->hidden,
                  .a = hidden,
                  .lda = lda,
                  .dtype = FUSED_DTYPE,
                  .packed = (const float *)f->buffers.packed + fused_up(f),
                  .c = f->out,
                  .ldc = f->model,
                  .bias = f->b_down};
}

/* Puts some columns of hidden values into the slivers of the second product's left side, from unit `from` on. */
static inline void fused_keep(const float *hidden, int64_t ld, int64_t tokens, int64_t columns, int64_t from,
                              int64_t units, uint32_t *slivers) {
#if GEMM_UNIT == 2
    ffn_half_slivers(hidden, ld, tokens, columns, from, units, slivers);
#else
    (void)from; /* floats wait for all of their block */
    gemm_pack_rows(&(gemm){.a = hidden, .lda = ld, .dtype = MG_F32, .k = columns}, 0, tokens, 0, units, slivers);
#endif
}

/* Both products for tokens `t0 ..< t1`, at most fused_tokens. */
static void fused_block(const mg_ffn *f, int64_t t0, int64_t t1, float *scratch) {
    float *inputs = scratch, *partial = inputs + fused_inputs(f), *hidden = partial + fused_partial(f);
    uint32_t *slivers = (uint32_t *)(hidden + fused_part(f));
    int64_t all = gemm_units(f->hidden), step = gemm_block_k(all), width = fused_width(f), tokens = t1 - t0;
    int64_t part = gemm_min(FUSED_PART, step * GEMM_UNIT);
    gemm first = fused_first(f, hidden, part, partial);
    first.a = (const char *)f->x + (size_t)(t0 * f->model) * (FUSED_DTYPE == MG_BF16 ? 2 : 4);
    gemm_pack_all(&first, 0, tokens, (uint32_t *)inputs);
    gemm second = fused_second(f, NULL, 0);
    second.c += t0 * f->model;
    if (all == 0)
        gemm_block(&second, 0, tokens, 0, 0, 0, 0, gemm_panels(f->model), slivers);
    for (int64_t u = 0; u < all; u += step) {
        int64_t units = gemm_min(step, all - u), end = gemm_min((u + units) * GEMM_UNIT, f->hidden);
        for (int64_t h = u * GEMM_UNIT; h < end; h += part) {
            int64_t columns = gemm_min(part, end - h);
            first.packed = (const float *)f->buffers.packed + h / width * GEMM_PANEL * gemm_units(f->model);
            first.n = columns;
            first.bias = f->b_up ? f->b_up + h : NULL;
            gemm_panelwise(&first, 0, tokens, 0, (columns + width - 1) / width, (uint32_t *)inputs);
            fused_keep(hidden, part, tokens, columns, h / GEMM_UNIT - u, units, slivers);
        }
        gemm_block(&second, 0, tokens, u, units, all, 0, gemm_panels(f->model), slivers);
    }
}

static void fused_run(const void *arguments, const mg_work *work) {
    const mg_ffn *f = arguments;
    float *scratch = (float *)f->buffers.workspace + fused_scratch(f) * work->index;
    if (fused_by_tokens(f, work->count)) {
        int64_t t0, t1;
        mg_work_range(work, f->tokens, GEMM_ROWS, &t0, &t1);
        int64_t blocks = (t1 - t0 + fused_tokens(f) - 1) / fused_tokens(f);
        for (int64_t b = 0; b < blocks; b++) /* equal blocks rather than a short last one */
            fused_block(f, t0 + (t1 - t0) * b / blocks, t0 + (t1 - t0) * (b + 1) / blocks, scratch);
        return;
    }
    float *hidden = (float *)f->buffers.workspace + fused_scratch(f) * work->count;
    gemm first = fused_first(f, hidden, f->hidden, scratch + fused_inputs(f));
    int64_t p0, p1;
    mg_work_range(work, fused_panels(f), 1, &p0, &p1);
    for (int64_t t = 0; t < f->tokens && p0 < p1; t += fused_tokens(f)) {
        int64_t end = gemm_min(f->tokens, t + fused_tokens(f));
        gemm_pack_all(&first, t, end, (uint32_t *)scratch);
        gemm_panelwise(&first, t, end, p0, p1, (uint32_t *)scratch);
    }
    const void *rounded = hidden; /* what the second product reads */
#if GEMM_UNIT == 2
    uint16_t *half = (uint16_t *)(hidden + f->tokens * f->hidden);
    int64_t from = p0 * fused_width(f), columns = gemm_min(p1 * fused_width(f), f->hidden) - from;
    for (int64_t t = 0; t < f->tokens && p0 < p1; t++)
        ffn_half_row(hidden + t * f->hidden + from, columns, half + t * f->hidden + from);
    rounded = half;
#endif
    mg_work_wait(work);
    gemm second = fused_second(f, rounded, f->hidden);
    mg_work_range(work, gemm_panels(f->model), 1, &p0, &p1);
    gemm_run(&second, 0, f->tokens, p0, p1, scratch);
}
