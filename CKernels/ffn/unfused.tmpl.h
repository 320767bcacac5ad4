/* The feed-forward layer as a textbook has it: a product, a pass over the hidden values, a product. Include after
   matmul/gemm.tmpl.h, in the same target region. All weights are packed once beforehand: up, down, then the gate. */
#include "mg_ffn.h"

#if GEMM_UNIT == 2
#include "ffn_half.tmpl.h"
enum { UNFUSED_DTYPE = MG_BF16 };
#else
enum { UNFUSED_DTYPE = MG_F32 };
#endif

/* The layer is in the number format of the product's units: bf16 has a middle pass that rounds. */
static const char *unfused_refuses(const void *arguments) {
    if (((const mg_ffn *)arguments)->dtype == (mg_dtype)UNFUSED_DTYPE)
        return NULL;
    return UNFUSED_DTYPE == MG_BF16 ? "its instruction multiplies bf16 only" : "it multiplies f32 only";
}

/* Floats of each packed matrix. */
static inline size_t unfused_up(const mg_ffn *f) { return gemm_packed_bytes(f->hidden, f->model) / sizeof(float); }
static inline size_t unfused_down(const mg_ffn *f) { return gemm_packed_bytes(f->model, f->hidden) / sizeof(float); }

static size_t unfused_packed_bytes(const void *arguments) {
    const mg_ffn *f = arguments;
    return (unfused_up(f) * (f->activation == MG_SILU ? 2 : 1) + unfused_down(f)) * sizeof(float);
}

static void unfused_pack(const void *arguments, void *packed) {
    const mg_ffn *f = arguments;
    float *up = packed, *down = up + unfused_up(f);
    gemm_pack(f->w_up, f->dtype, 0, f->hidden, f->model, 0, gemm_panels(f->hidden), up);
    gemm_pack(f->w_down, f->dtype, 0, f->model, f->hidden, 0, gemm_panels(f->model), down);
    if (f->w_gate)
        gemm_pack(f->w_gate, f->dtype, 0, f->hidden, f->model, 0, gemm_panels(f->hidden), down + unfused_down(f));
}

/* Floats of a worker's scratch, for either product. */
static inline size_t unfused_scratch(const mg_ffn *f) {
    const mg_tuning *tuning = mg_tuning_of(&f->buffers);
    size_t first = gemm_scratch_bytes(tuning, f->model), second = gemm_scratch_bytes(tuning, f->hidden);
    return (first > second ? first : second) / sizeof(float);
}

/* The hidden values of all tokens, and for SwiGLU those of the gate; for bf16, once more, rounded. */
static inline size_t unfused_hidden(const mg_ffn *f) { return (size_t)(f->tokens * f->hidden); }
static inline size_t unfused_rounded(const mg_ffn *f) { return f->dtype == MG_BF16 ? (unfused_hidden(f) + 1) / 2 : 0; }

static size_t unfused_workspace_bytes(const void *arguments, int32_t workers) {
    const mg_ffn *f = arguments;
    size_t hidden = unfused_hidden(f) * (f->activation == MG_SILU ? 2 : 1);
    return (hidden + unfused_rounded(f) + unfused_scratch(f) * (size_t)workers) * sizeof(float);
}

/* out[tokens][n] = x[tokens][k] · packed, this worker's rectangle of it. */
static void unfused_product(const mg_ffn *f, const mg_work *work, int64_t n, int64_t k, const void *x,
                            const float *packed, float *out, float *scratch) {
    gemm g = {.tuning = mg_tuning_of(&f->buffers),
              .n = n,
              .k = k,
              .a = x,
              .lda = k,
              .dtype = UNFUSED_DTYPE,
              .packed = packed,
              .c = out,
              .ldc = n};
    int64_t r0, r1, p0, p1;
    gemm_share(work, f->tokens, n, gemm_units(k), &r0, &r1, &p0, &p1);
    gemm_run(&g, r0, r1, p0, p1, scratch);
}

static void unfused_run(const void *arguments, const mg_work *work) {
    const mg_ffn *f = arguments;
    const float *up = f->buffers.packed, *down = up + unfused_up(f), *gate = down + unfused_down(f);
    float *scratch = (float *)f->buffers.workspace + unfused_scratch(f) * (size_t)work->index;
    float *hidden = (float *)f->buffers.workspace + unfused_scratch(f) * (size_t)work->count;
    float *gates = f->w_gate ? hidden + unfused_hidden(f) : NULL;
    const void *rounded = hidden; /* what the last product reads */
#if GEMM_UNIT == 2
    uint16_t *half = (uint16_t *)(hidden + unfused_hidden(f) * (gates ? 2 : 1));
    rounded = half;
#endif

    unfused_product(f, work, f->hidden, f->model, f->x, up, hidden, scratch);
    if (gates)
        unfused_product(f, work, f->hidden, f->model, f->x, gate, gates, scratch);
    mg_work_wait(work);

    /* The pass in the middle: by columns, because a decode has one row only. */
    int64_t from, to;
    mg_work_range(work, f->hidden, MG_LANES, &from, &to);
    for (int64_t row = 0; row < f->tokens; row++) {
        for (int64_t at = from; at < to; at += MG_LANES) {
            float *h = hidden + row * f->hidden + at;
            int64_t left = to - at;
            mg_lanes x = mg_load_left(h, left);
            if (gates) {
                mg_lanes g = mg_load_left(gates + row * f->hidden + at, left);
                x = mg_mul(mg_activate(g, f->activation), x);
            } else {
                if (f->b_up)
                    x = mg_add(x, mg_load_left(f->b_up + at, left));
                x = mg_activate(x, f->activation);
            }
            mg_store_left(h, x, left);
        }
#if GEMM_UNIT == 2
        if (from < to)
            ffn_half_row(hidden + row * f->hidden + from, to - from, half + row * f->hidden + from);
#endif
    }
    mg_work_wait(work);

    unfused_product(f, work, f->model, f->hidden, rounded, down, f->out, scratch);
    if (!f->b_down)
        return;
    mg_work_wait(work);
    mg_work_range(work, f->model, MG_LANES, &from, &to);
    for (int64_t row = 0; row < f->tokens; row++) {
        for (int64_t at = from; at < to; at += MG_LANES) {
            float *out = f->out + row * f->model + at;
            mg_lanes x = mg_add(mg_load_left(out, to - at), mg_load_left(f->b_down + at, to - at));
            mg_store_left(out, x, to - at);
        }
    }
}
