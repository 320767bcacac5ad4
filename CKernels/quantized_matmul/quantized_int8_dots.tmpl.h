/* The dots of one block of the product on int8 activations: scales, and what a quad of weights adds to the sums of a
   tile. Included by quantized_int8.tmpl.h. */
/* Vector v of a tile, behind a line of its first row. */
MG_INLINE const uint8_t *mg_at(const mg_product *p, const uint8_t *line, int v, int bytes_a_row) {
    return line + mg_vector_at(&p->layout, MG_LANES, v, bytes_a_row);
}

/* d and min of the rows of vector v, for block b; for Q4_K what stands before eight blocks, which mg_scaled makes the
   block's own. */
MG_INLINE void mg_scales_at(const mg_product *p, mg_quantization format, mg_panel panel, int v, int64_t b, mg_lanes *d,
                            mg_lanes *min) {
    const uint8_t *halves =
        mg_at(p, panel.halves + (format == MG_Q4_K ? mg_head_place(format, b) : mg_scales_place(format, b)), v, 2);
    *d = mg_halves(halves);
    *min = format == MG_Q4_1 || format == MG_Q4_K ? mg_halves(halves + 64) : mg_zero();
}

MG_INLINE void mg_scaled(const mg_product *p, mg_quantization format, mg_panel panel, int v, int64_t b, mg_lanes *d,
                         mg_lanes *min) {
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
        mg_bits w[MG_WIDE];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            w[v] = mg_dots_part(mg_line(mg_at(p, line, v, 4)), part, parts);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            mg_bits x = mg_quad(a + r * mg_block_bytes(format) + part * 4);
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
        mg_bits low[MG_WIDE], high[MG_WIDE];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            mg_bits line = mg_line(mg_at(p, quants, v, 4) + quad * MG_LINE);
            low[v] = mg_low(line), high[v] = rows == 1 ? mg_high_apart(line) : mg_high(line);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            mg_bits x = mg_quad(a + r * MG_BLOCK + quad * 4), y = mg_quad(a + r * MG_BLOCK + quad * 4 + 16);
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
