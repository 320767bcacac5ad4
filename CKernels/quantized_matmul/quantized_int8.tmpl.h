#pragma once
/* The product on int8 activations, once for all instruction sets. An including file has defined, inside its target
   region, functions/<isa>.h, what it needs beyond (quantized_bits_<isa>.tmpl.h) and the dot product:

     mg_dots                        sums of a vector of rows, as wide as they are while a block runs
     mg_dots_begin(correction, wide)      no sums yet; `wide` for 8-bit weights
     mg_dots_add(dots, w, a, wide)        adds the products of a k-quad; for 8-bit weights `wide` is the parts
     mg_dots_end(dots, correction, wide)  the sums and the correction, one a row, as floats; the correction is added
                                          where the instruction set adds it for less, here or at the beginning
     mg_quad(a)                     the same four activations for all rows
     mg_low(line), mg_high(line)    the k-quads that a line of 4-bit weights holds
     mg_dots_part(line, part, parts)      the whole of a line of 8-bit weights, or one of its MG_PARTS_INT8 = 2 parts
     MG_ZERO_8BIT(format)           128 where 8-bit weights are packed with that bias, else 0
     MG_EPILOGUE                    1: bias and activation while the tile is in registers; 0: in a pass of their own
     MG_ROWS, MG_VECTORS(rows)      the tile: at most 12 rows of A, by 16 or 32 output columns
     MG_ROWS_INT8,                  the same for INT8, which holds no f32 sums
     MG_VECTORS_INT8(rows)
     MG_WIDE                        vectors of output columns for a single row of A: a panel, or half of one
     MG_CHAINS                      sums that a single row of INT8 adds to in turn, to hide a dot product's latency
     MG_APART                       1: a single row sums high nibbles as they lie, sixteenfold: mg_high_apart(line);
                                    0: mg_high_apart is mg_high
     mg_dots_sum(a, b, apart)       a + b, or a + b / 16

   A block of 32 k is summed exactly in integers, scaled by the weights' d, and added by fma(sum·d, step, total); a
   format with a min then adds fma(min, step·Σq, total). The blocks follow in order whatever the tile, so a row's bits
   do not depend on its neighbours or on the workers.

   A row of A with NaN or infinities has no step; it is computed in f32 from the same packed weights. */
#include "quantized_activations.tmpl.h"

typedef struct mg_product {
    const mg_quantized_matmul *q;
    mg_layout layout;
    mg_activations a;
    const uint8_t *weights;
} mg_product;

MG_INLINE int32_t mg_zero_point(mg_quantization format) {
    return mg_is_8bit(format) ? MG_ZERO_8BIT(format) : format == MG_Q4_0 ? 8 : 0;
}

#include "quantized_int8_dots.tmpl.h"
#include "quantized_int8_tile.tmpl.h"

MG_INLINE float mg_half(const uint8_t *p) {
    _Float16 half;
    memcpy(&half, p, 2);
    return (float)half;
}

/* Weight (n, k) in f32, read from the panels. */
static float mg_weight(const mg_product *p, int64_t n, int64_t k) {
    mg_quantization format = p->layout.format;
    const uint8_t *panel = p->weights + n / MG_PANEL * p->layout.panel_bytes;
    int64_t r = n % MG_PANEL, b = k / MG_BLOCK, i = k % MG_BLOCK;
    const uint8_t *head = panel + mg_head_place(format, b), *scales = panel + mg_scales_place(format, b);
    const uint8_t *quants = panel + mg_quants_place(format, b) + r * 4 + i % 4;
    if (format == MG_INT8) {
        float scale;
        memcpy(&scale, head + r * 4, 4);
        return scale * (float)(int8_t)(quants[i / 4 * MG_LINE] ^ MG_ZERO_8BIT(format));
    }
    float nibble = (float)(quants[i % 16 / 4 * MG_LINE] >> i / 16 * 4 & 15);
    if (format == MG_Q4_K)
        return mg_half(head + r * 2) * scales[r] * nibble - mg_half(head + 64 + r * 2) * scales[32 + r];
    float d = mg_half(scales + r * 2);
    if (format == MG_Q8_0)
        return d * (float)(int8_t)(quants[i / 4 * MG_LINE] ^ MG_ZERO_8BIT(format));
    return format == MG_Q4_0 ? d * (nibble - 8) : d * nibble + mg_half(scales + 64 + r * 2);
}

/* Rows that int8 cannot hold, in f32: columns from ..< to. Their results are infinite or NaN, as they should be. */
static void mg_special_row(const mg_product *p, int64_t m, int64_t from, int64_t to) {
    const mg_quantized_matmul *q = p->q;
    for (int64_t n = from; n < to; n++) {
        float sum = 0;
        for (int64_t k = 0; k < q->k; k++)
            sum += q->a[m * q->k + k] * mg_weight(p, n, k);
        q->c[m * q->n + n] = sum;
    }
}

/* Bias and activation over columns from ..< to of a row of C. */
static void mg_finish_row(const mg_quantized_matmul *q, int64_t m, int64_t from, int64_t to) {
    if (!q->bias && q->activation == MG_IDENTITY)
        return;
    for (int64_t n = from; n < to; n += MG_LANES) {
        int64_t count = to - n < MG_LANES ? to - n : MG_LANES;
        float *c = q->c + m * q->n + n;
        mg_lanes x = mg_load_some(c, count);
        if (q->bias)
            x = mg_add(x, mg_load_some(q->bias + n, count));
        if (q->activation != MG_IDENTITY)
            x = mg_activate(x, q->activation);
        mg_store_some(c, x, count);
    }
}

/* Few activations are quantised by every worker for itself, which is cheaper than to wait for each other. */
MG_INLINE int mg_each_for_itself(const mg_quantized_matmul *q) { return q->m * q->k <= 8192; }

static size_t mg_int8_workspace_bytes(const void *arguments, int32_t workers) {
    const mg_quantized_matmul *q = arguments;
    return mg_activations_bytes(q) * (size_t)(mg_each_for_itself(q) ? workers : 1) + 64;
}

static void mg_int8_pack(const void *arguments, void *packed) {
    const mg_quantized_matmul *q = arguments;
    mg_layout_pack(q, packed, mg_is_8bit(q->format) ? MG_ZERO_8BIT(q->format) : 0);
}

/* The first lines that this worker will read: they travel while it rounds the activations. */
enum { MG_FIRST_LINES = 32 };
static void mg_first_fetch(const mg_product *p, const mg_work *work) {
    int64_t from, to;
    mg_work_range(work, p->q->n, MG_PANEL, &from, &to);
    const uint8_t *first = p->weights + from / MG_PANEL * p->layout.panel_bytes;
    int64_t bytes = (to - from + MG_PANEL - 1) / MG_PANEL * p->layout.panel_bytes;
    for (int64_t line = 0; line < MG_FIRST_LINES * 64 && line < bytes; line += 64)
        __builtin_prefetch(first + line, 0, 3);
}

static void mg_int8_run(const void *arguments, const mg_work *work) {
    const mg_quantized_matmul *q = arguments;
    mg_product p = {.q = q, .layout = mg_layout_of(q), .weights = mg_layout_base(q->buffers.packed)};
    uint8_t *workspace = q->buffers.workspace;
    int32_t zero = mg_zero_point(q->format);
    int64_t most = q->format == MG_INT8 ? MG_ROWS_INT8 : MG_ROWS;
    int64_t items = q->format == MG_INT8 ? q->m : q->m * p.layout.blocks, from, to;
    if (q->m == 1)
        mg_first_fetch(&p, work);
    if (mg_each_for_itself(q)) {
        p.a = mg_activations_in(q, workspace + mg_activations_bytes(q) * (size_t)work->index, most);
        mg_quantise_activations(q, &p.a, zero, 0, items);
    } else {
        p.a = mg_activations_in(q, workspace, most);
        mg_work_range(work, items, 1, &from, &to);
        mg_quantise_activations(q, &p.a, zero, from, to);
        mg_work_wait(work);
    }

    mg_work_range(work, q->n, 32, &from, &to);
    switch (q->format) {
    case MG_Q8_0:
        mg_columns_q8_0(&p, from, to);
        break;
    case MG_Q4_0:
        mg_columns_q4_0(&p, from, to);
        break;
    case MG_Q4_1:
        mg_columns_q4_1(&p, from, to);
        break;
    case MG_Q4_K:
        mg_columns_q4_k(&p, from, to);
        break;
    case MG_INT8:
        mg_columns_int8(&p, from, to);
        break;
    }
    for (int64_t m = 0; m < q->m && from < to; m++) {
        int special = mg_row_is_special(&p.a, m);
        if (special)
            mg_special_row(&p, m, from, to);
        if (special || !MG_EPILOGUE)
            mg_finish_row(q, m, from, to);
    }
}
