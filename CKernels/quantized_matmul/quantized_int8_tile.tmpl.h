/* The tiles of the product on int8 activations, and how they go over the columns of C. Included by
   quantized_int8.tmpl.h, after quantized_int8_dots.tmpl.h. */
MG_INLINE void mg_write_tile(const mg_product *p, int rows, int vectors, int64_t row, int64_t column,
                             mg_lanes total[][MG_WIDE]) {
    const mg_quantized_matmul *q = p->q;
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        int64_t n = column + v * MG_LANES, count = q->n - n < MG_LANES ? q->n - n : MG_LANES;
        if (count <= 0)
            break;
#if MG_EPILOGUE
        mg_lanes bias = q->bias ? mg_load_some(q->bias + n, count) : mg_zero();
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            if (q->bias)
                total[r][v] = mg_add(total[r][v], bias);
            if (q->activation != MG_IDENTITY)
                total[r][v] = mg_activate(total[r][v], q->activation);
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
    mg_lanes total[MG_ROWS][MG_WIDE];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            total[r][v] = mg_zero();

    /* A single row has registers to keep Q4_K's d and dmin for eight blocks. */
    const int kept = rows == 1 && format == MG_Q4_K;
    mg_lanes scale[MG_WIDE], offset[MG_WIDE];
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
            mg_lanes d, min;
            if (kept)
                d = scale[v], min = offset[v];
            else
                mg_scales_at(p, format, panel, v, b, &d, &min);
            mg_scaled(p, format, panel, v, b, &d, &min);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                mg_lanes sum = mg_dots_end(dots[r][v], has_zero ? correction[b * rows + r] : 0, mg_is_8bit(format));
                total[r][v] = mg_fma(mg_mul(sum, d), mg_splat(step[b * rows + r]), total[r][v]);
                if (has_min) {
                    float factor;
                    memcpy(&factor, correction + b * rows + r, 4);
                    total[r][v] = format == MG_Q4_K ? mg_fnma(min, mg_splat(factor), total[r][v])
                                                    : mg_fma(min, mg_splat(factor), total[r][v]);
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
    mg_lanes total[MG_ROWS_INT8][MG_WIDE];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        mg_lanes scale = mg_load((const float *)mg_at(p, panel.quads, v, 4));
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            total[r][v] = mg_mul(mg_mul(mg_dots_end(dots[r][v], 0, 1), scale), mg_splat(p->a.step[row + r]));
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
