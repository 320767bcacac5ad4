#pragma once
/* The product on int8 activations, once for all instruction sets. An including file has defined, inside its target
   region, the lanes (quantized_lanes_<isa>.h) and the dot product:

     mg_dots                        sums of a vector of rows, as wide as they are while a block runs
     mg_dots_begin(correction, wide)      no sums yet; `wide` for 8-bit weights
     mg_dots_add(dots, w, a, wide)        adds the products of a k-quad; for 8-bit weights `wide` is the parts
     mg_dots_end(dots, correction, wide)  the sums and the correction, one a row, as floats; the correction is added
                                          where the instruction set adds it for less, here or at the beginning
     mg_quad(a)                     the same four activations for all rows
     mg_low(line), mg_high(line)    the k-quads that a line of 4-bit weights holds
     mg_part(line, part, parts)     the whole of a line of 8-bit weights, or one of its MG_PARTS_INT8 = 2 parts
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
#include "quantized_activations.h"

typedef struct mg_product {
    const mg_quantized_matmul *q;
    mg_layout layout;
    mg_activations a;
    const uint8_t *weights;
} mg_product;

MG_INLINE int32_t mg_zero_point(mg_quantization format) {
    return mg_is_8bit(format) ? MG_ZERO_8BIT(format) : format == MG_Q4_0 ? 8 : 0;
}

/* Vector v of a tile, behind a line of its first row. */
MG_INLINE const uint8_t *mg_at(const mg_product *p, const uint8_t *line, int v, int bytes_a_row) {
    return line + mg_vector_at(&p->layout, MG_LANES, v, bytes_a_row);
}

/* d and min of the rows of vector v, for block b; for Q4_K what stands before eight blocks, which mg_scaled makes the
   block's own. */
MG_INLINE void mg_scales_at(const mg_product *p, mg_quantization format, mg_panel panel, int v, int64_t b, mg_f *d,
                            mg_f *min) {
    const uint8_t *halves =
        mg_at(p, panel.halves + (format == MG_Q4_K ? mg_head_place(format, b) : mg_scales_place(format, b)), v, 2);
    *d = mg_halves(halves);
    *min = format == MG_Q4_1 || format == MG_Q4_K ? mg_halves(halves + 64) : mg_zero();
}

MG_INLINE void mg_scaled(const mg_product *p, mg_quantization format, mg_panel panel, int v, int64_t b, mg_f *d,
                         mg_f *min) {
    if (format != MG_Q4_K)
        return;
    const uint8_t *octets = mg_at(p, panel.octets + mg_scales_place(format, b), v, 1);
    *d = mg_mul(*d, mg_octets(octets));
    *min = mg_mul(*min, mg_octets(octets + 32));
}

/* Sums that a tile has for each vector: one a row. A single row has two for low and high nibbles where those need not
   be shifted into place (MG_APART), and several for INT8, whose dot products would wait for each other through all of
   k. */
MG_INLINE int mg_sums(mg_quantization format, int rows) {
    if (rows > 1 || format == MG_Q8_0)
        return rows;
    return format == MG_INT8 ? MG_CHAINS : 1 + MG_APART;
}

/* The dots of one quad of 8-bit weights; those of a single row are added to sum `chain`. */
MG_INLINE void mg_quad_dots(const mg_product *p, mg_quantization format, int rows, int vectors, const uint8_t *line,
                            const int8_t *a, int chain, mg_dots dots[][MG_WIDE]) {
    const int parts = format == MG_INT8 ? MG_PARTS_INT8 : 1;
#pragma clang loop unroll(full)
    for (int part = 0; part < parts; part++) {
        mg_i w[MG_WIDE];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            w[v] = mg_part(mg_line(mg_at(p, line, v, 4)), part, parts);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            mg_i x = mg_quad(a + r * mg_block_bytes(format) + part * 4);
            const int sum = rows == 1 ? chain : r;
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                dots[sum][v] = mg_dots_add(dots[sum][v], w[v], x, parts);
        }
    }
}

/* All dots of one block: the tile's inner loop. */
MG_INLINE void mg_block_dots(const mg_product *p, mg_quantization format, int rows, int vectors, const uint8_t *quants,
                             const int8_t *a, mg_dots dots[][MG_WIDE]) {
    if (mg_is_8bit(format)) {
        const int parts = format == MG_INT8 ? MG_PARTS_INT8 : 1;
#pragma clang loop unroll(full)
        for (int quad = 0; quad < 8; quad++)
            mg_quad_dots(p, format, rows, vectors, quants + quad * MG_LINE, a + quad * parts * 4,
                         quad % mg_sums(format, 1), dots);
        return;
    }
#pragma clang loop unroll(full)
    for (int quad = 0; quad < 4; quad++) {
        mg_i low[MG_WIDE], high[MG_WIDE];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            mg_i line = mg_line(mg_at(p, quants, v, 4) + quad * MG_LINE);
            low[v] = mg_low(line), high[v] = rows == 1 ? mg_high_apart(line) : mg_high(line);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            mg_i x = mg_quad(a + r * MG_BLOCK + quad * 4), y = mg_quad(a + r * MG_BLOCK + quad * 4 + 16);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) {
                dots[r][v] = mg_dots_add(dots[r][v], low[v], x, 0);
                const int other = rows == 1 ? MG_APART : r;
                dots[other][v] = mg_dots_add(dots[other][v], high[v], y, 0);
            }
        }
    }
}

/* A tile's sums before its first block: the first of each row begins with the correction. */
MG_INLINE void mg_dots_start(mg_quantization format, int rows, int vectors, const int32_t *correction,
                             mg_dots dots[][MG_WIDE]) {
#pragma clang loop unroll(full)
    for (int s = 0; s < mg_sums(format, rows); s++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            dots[s][v] = mg_dots_begin(correction && s < rows ? correction[s] : 0, mg_is_8bit(format));
}

/* The several sums of a single row become one. */
MG_INLINE void mg_dots_join(mg_quantization format, int rows, int vectors, mg_dots dots[][MG_WIDE]) {
    const int sums = mg_sums(format, rows);
#pragma clang loop unroll(full)
    for (int s = 1; s < (rows == 1 ? sums : 1); s++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            dots[0][v] = mg_dots_sum(dots[0][v], dots[s][v], !mg_is_8bit(format));
}

/* Several rows compute for longer than the hardware looks ahead: the block eight blocks from here, with its scales, is
   asked for into the second cache. All of it, for the tile beside this one wants the other half of the lines; but of
   8-bit weights, where there are 16 lanes and half a block is 8 lines, only the tile's own. A single row reads whole
   panels one after another, a stream that the hardware foresees by itself and, measured, is only disturbed by further
   requests. */
MG_INLINE void mg_block_fetch(mg_quantization format, int vectors, const mg_panel *panel, int64_t b) {
    const int64_t ahead = mg_octet_bytes(format), quants = mg_quants_place(format, b) + ahead;
    if (format == MG_Q4_K)
        __builtin_prefetch(panel->start + mg_head_place(format, b) + ahead + b % 2 * 64, 0, 2);
#pragma clang loop unroll(full)
    for (int64_t line = 0; line < mg_scales_bytes(format); line += 64)
        __builtin_prefetch(panel->start + mg_scales_place(format, b) + ahead + line, 0, 2);
    const int whole = !mg_is_8bit(format) || MG_LANES < 16;
#pragma clang loop unroll(full)
    for (int lane = 0; lane < (whole ? MG_PANEL : vectors * MG_LANES); lane += 16)
#pragma clang loop unroll(full)
        for (int64_t line = 0; line < mg_quants_bytes(format); line += MG_LINE)
            __builtin_prefetch((whole ? panel->start : panel->quads) + quants + line + lane * 4, 0, 2);
}

MG_INLINE void mg_write_tile(const mg_product *p, int rows, int vectors, int64_t row, int64_t column,
                             mg_f total[][MG_WIDE]) {
    const mg_quantized_matmul *q = p->q;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        int64_t n = column + v * MG_LANES, count = q->n - n < MG_LANES ? q->n - n : MG_LANES;
        if (count <= 0)
            break;
#if MG_EPILOGUE
        mg_f bias = q->bias ? mg_load_some(q->bias + n, count) : mg_zero();
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            if (q->bias)
                total[r][v] = mg_add(total[r][v], bias);
            if (q->activation != MG_IDENTITY)
                total[r][v] = mg_activated(total[r][v], q->activation);
        }
#endif
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            mg_store_some(q->c + (row + r) * q->n + n, total[r][v], count);
    }
}

/* C of `rows` rows from `row`, and of vectors·lanes columns from `column`. */
MG_INLINE void mg_block_tile(const mg_product *p, mg_quantization format, int rows, int vectors, int64_t row,
                             int64_t column) {
    const mg_panel panel = mg_panel_at(&p->layout, p->weights, column);
    const int8_t *a = p->a.quants + row * p->a.blocks * mg_block_bytes(format);
    const float *step = p->a.step + row * p->a.blocks;
    const int32_t *correction = p->a.correction + row * p->a.blocks;
    const int has_min = format == MG_Q4_1 || format == MG_Q4_K, has_zero = mg_zero_point(format) != 0;
    mg_f total[MG_ROWS][MG_WIDE];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            total[r][v] = mg_zero();

    /* A single row has registers to keep Q4_K's d and dmin for eight blocks. */
    const int kept = rows == 1 && format == MG_Q4_K;
    mg_f scale[MG_WIDE], offset[MG_WIDE];
    /* With 8 lanes tiles are many and small: only the first that sees a panel asks for more of it. Measured, that gains
       Q4_0 and Q4_K a tenth and costs Q4_1 and Q8_0 a little. */
    const int once = MG_LANES == 8 && (format == MG_Q4_0 || format == MG_Q4_K);
    const int first = row == 0 && column % MG_PANEL == 0;
    for (int64_t b = 0; b < p->layout.blocks; b++) {
        if (kept && b % 8 == 0)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                mg_scales_at(p, format, panel, v, b, &scale[v], &offset[v]);
        mg_dots dots[MG_ROWS < MG_CHAINS ? MG_CHAINS : MG_ROWS][MG_WIDE];
        mg_dots_start(format, rows, vectors, has_zero ? correction + b * rows : NULL, dots);
        mg_block_dots(p, format, rows, vectors, panel.quads + mg_quants_place(format, b),
                      a + b * rows * mg_block_bytes(format), dots);
        if (rows > 1 && (!once || first))
            mg_block_fetch(format, vectors, &panel, b);
        mg_dots_join(format, rows, vectors, dots);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            mg_f d, min;
            if (kept)
                d = scale[v], min = offset[v];
            else
                mg_scales_at(p, format, panel, v, b, &d, &min);
            mg_scaled(p, format, panel, v, b, &d, &min);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                mg_f sum = mg_dots_end(dots[r][v], has_zero ? correction[b * rows + r] : 0, mg_is_8bit(format));
                total[r][v] = mg_fma(mg_mul(sum, d), mg_all(step[b * rows + r]), total[r][v]);
                if (has_min) {
                    float factor;
                    memcpy(&factor, correction + b * rows + r, 4);
                    total[r][v] = format == MG_Q4_K ? mg_nfma(min, mg_all(factor), total[r][v])
                                                    : mg_fma(min, mg_all(factor), total[r][v]);
                }
            }
        }
    }
    mg_write_tile(p, rows, vectors, row, column, total);
}

/* The same for INT8: one scale a row and one step a row, so the integers run through all of k. */
MG_INLINE void mg_row_tile(const mg_product *p, int rows, int vectors, int64_t row, int64_t column) {
    const mg_panel panel = mg_panel_at(&p->layout, p->weights, column);
    const int8_t *a = p->a.quants + row * p->a.blocks * mg_block_bytes(MG_INT8);
    mg_dots dots[MG_ROWS_INT8 < MG_CHAINS ? MG_CHAINS : MG_ROWS_INT8][MG_WIDE];
    mg_dots_start(MG_INT8, rows, vectors, p->a.correction + row, dots);
    /* The quads of the last block that k does not reach are zeros of A, and left out. */
    const int64_t whole = p->q->k / MG_BLOCK, quads = (p->q->k % MG_BLOCK + 3) / 4;
#pragma clang loop unroll(disable)
    for (int64_t b = 0; b < whole; b++)
        mg_block_dots(p, MG_INT8, rows, vectors, panel.quads + mg_quants_place(MG_INT8, b),
                      a + b * rows * mg_block_bytes(MG_INT8), dots);
#pragma clang loop unroll(disable)
    for (int64_t quad = 0; quad < quads; quad++)
        mg_quad_dots(p, MG_INT8, rows, vectors, panel.quads + mg_quants_place(MG_INT8, whole) + quad * MG_LINE,
                     a + whole * rows * mg_block_bytes(MG_INT8) + quad * MG_PARTS_INT8 * 4, 0, dots);
    mg_dots_join(MG_INT8, rows, vectors, dots);
    mg_f total[MG_ROWS_INT8][MG_WIDE];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        mg_f scale = mg_load((const float *)mg_at(p, panel.quads, v, 4));
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            total[r][v] = mg_mul(mg_mul(mg_dots_end(dots[r][v], 0, 1), scale), mg_all(p->a.step[row + r]));
    }
    mg_write_tile(p, rows, vectors, row, column, total);
}

/* C's columns go in strips of MG_STRIP, which all tiles cross one after another: the strip's weights come from the
   second cache for all but the first, and a tile of A stays in the first cache while it crosses. */
enum { MG_STRIP = 32 };

MG_INLINE void mg_tile_at(const mg_product *p, mg_quantization format, int rows, int vectors, int64_t row,
                          int64_t column) {
    if (format == MG_INT8)
        mg_row_tile(p, rows, vectors, row, column);
    else
        mg_block_tile(p, format, rows, vectors, row, column);
}

/* The last columns of C take half a tile where that is enough. */
MG_INLINE void mg_tile_across(const mg_product *p, mg_quantization format, int rows, int64_t row, int64_t from,
                              int64_t to) {
    const int vectors = format == MG_INT8 ? MG_VECTORS_INT8(rows) : MG_VECTORS(rows), half = vectors / 2;
    int64_t column = from;
    for (; to - column > half * MG_LANES; column += vectors * MG_LANES)
        mg_tile_at(p, format, rows, vectors, row, column);
    if (half > 0 && column < to)
        mg_tile_at(p, format, rows, half, row, column);
}

/* A single row: panel after panel, and one tile as wide as what is left. */
MG_INLINE void mg_row_across(const mg_product *p, mg_quantization format, int64_t from, int64_t to) {
    for (; to - from > (MG_WIDE - 1) * MG_LANES; from += MG_WIDE * MG_LANES)
        mg_tile_at(p, format, 1, MG_WIDE, 0, from);
    switch ((to - from + MG_LANES - 1) / MG_LANES) {
#define MG_TILE(vectors)                                                                                               \
    case vectors:                                                                                                      \
        if (vectors < MG_WIDE)                                                                                         \
            mg_tile_at(p, format, 1, vectors < MG_WIDE ? vectors : 1, 0, from);                                        \
        break;
        MG_TILE(1)
        MG_TILE(2)
        MG_TILE(3)
#undef MG_TILE
    }
}

/* Columns from ..< to of all rows. */
MG_INLINE void mg_columns_of(const mg_product *p, mg_quantization format, int64_t from, int64_t to) {
    const int most = format == MG_INT8 ? MG_ROWS_INT8 : MG_ROWS;
    if (p->q->m == 1) {
        mg_row_across(p, format, from, to);
        return;
    }
    for (int64_t column = from; column < to; column += MG_STRIP) {
        int64_t end = column + MG_STRIP < to ? column + MG_STRIP : to;
        for (int64_t t = 0; t < p->a.tiles; t++) {
            mg_rows tile = mg_tile_rows(&p->a, t);
            switch (tile.count) {
#define MG_TILE(rows)                                                                                                  \
    case rows:                                                                                                         \
        if (rows <= most)                                                                                              \
            mg_tile_across(p, format, rows <= most ? rows : 1, tile.first, column, end);                               \
        break;
                MG_TILE(1)
                MG_TILE(2)
                MG_TILE(3)
                MG_TILE(4)
                MG_TILE(5)
                MG_TILE(6)
                MG_TILE(7)
                MG_TILE(8)
                MG_TILE(9)
                MG_TILE(10)
                MG_TILE(11)
                MG_TILE(12)
#undef MG_TILE
            }
        }
    }
}

/* One compiled body a format: inside, the format is a constant. */
static void mg_columns_q8_0(const mg_product *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q8_0, from, to); }
static void mg_columns_q4_0(const mg_product *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q4_0, from, to); }
static void mg_columns_q4_1(const mg_product *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q4_1, from, to); }
static void mg_columns_q4_k(const mg_product *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q4_K, from, to); }
static void mg_columns_int8(const mg_product *p, int64_t from, int64_t to) { mg_columns_of(p, MG_INT8, from, to); }

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
        mg_f x = mg_load_some(c, count);
        if (q->bias)
            x = mg_add(x, mg_load_some(q->bias + n, count));
        if (q->activation != MG_IDENTITY)
            x = mg_activated(x, q->activation);
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
