#pragma once
/* The product in f32, the weights widened on the way, once for all instruction sets. An including file has defined,
   inside its target region, functions/<isa>.h, what it needs beyond (quantized_bits_<isa>.tmpl.h) and

     mg_nibbles(line, shift)   the four bits at `shift` of every lane, as float
     mg_bytes(line, j)         the signed byte j of every lane, as float
     MG_VECTORS                vectors of a strip of columns; MG_VECTORS·lanes is 16 or 32
     MG_ROWS                   rows of the tile of the widened path

   Every weight is widened to the very float that the format defines (d·q is exact, so fma(d, q, m) rounds once, as
   the definition does), and every output is one chain of fma over k in order, whichever path or tile computes it.

   Few rows: the weights are widened in registers and used at once. Many rows: a chunk of 128 k is widened into a
   buffer that stays in the first-level cache while all rows of A pass over it, from a copy of A that has the rows of
   a tile beside each other. Bias and activation are applied to the last chunk's registers. */
#include "quantized_layout.h"

enum { MG_CHUNK = 128, MG_DIRECT = 3, MG_STRIP = MG_VECTORS * MG_LANES };

typedef struct mg_wide {
    const mg_quantized_matmul *q;
    mg_layout layout;
    const uint8_t *weights;
    const float *a; /* [tile][k][rows of the tile], or NULL for few rows */
} mg_wide;

/* Vector v of a tile, behind a line of its first row. */
MG_INLINE const uint8_t *mg_at(const mg_wide *p, const uint8_t *line, int v, int bytes_a_row) {
    return line + mg_vector_at(&p->layout, MG_LANES, v, bytes_a_row);
}

typedef struct mg_scales {
    mg_lanes d, min;
} mg_scales;

/* d and min of block b for the rows of vector v. */
MG_INLINE mg_scales mg_scales_at(const mg_wide *p, mg_quantization format, mg_panel panel, int v, int64_t b) {
    if (format == MG_INT8)
        return (mg_scales){mg_load((const float *)mg_at(p, panel.quads, v, 4)), mg_zero()};
    const uint8_t *halves =
        mg_at(p, panel.halves + (format == MG_Q4_K ? mg_head_place(format, b) : mg_scales_place(format, b)), v, 2);
    mg_scales s = {mg_halves(halves), mg_zero()};
    if (format == MG_Q4_1 || format == MG_Q4_K)
        s.min = mg_halves(halves + 64);
    if (format == MG_Q4_K) {
        const uint8_t *octets = mg_at(p, panel.octets + mg_scales_place(format, b), v, 1);
        s.d = mg_mul(s.d, mg_octets(octets));
        s.min = mg_mul(s.min, mg_octets(octets + 32));
    }
    return s;
}

/* Weight k of a block for the rows of a vector; `quants` is the block's first line for that vector. */
MG_INLINE mg_lanes mg_widened(mg_quantization format, const uint8_t *quants, int k, mg_scales s) {
    if (mg_is_8bit(format))
        return mg_mul(mg_bytes(mg_line(quants + k / 4 * MG_LINE), k % 4), s.d);
    mg_lanes q = mg_nibbles(mg_line(quants + k % 16 / 4 * MG_LINE), k % 4 * 8 + k / 16 * 4);
    if (format == MG_Q4_0)
        return mg_mul(mg_add(q, mg_splat(-8)), s.d);
    return format == MG_Q4_1 ? mg_fma(q, s.d, s.min) : mg_fms(q, s.d, s.min);
}

MG_INLINE void mg_write_vector(const mg_wide *p, int64_t row, int64_t n, int64_t count, mg_lanes x) {
    const mg_quantized_matmul *q = p->q;
    if (q->bias)
        x = mg_add(x, mg_load_some(q->bias + n, count));
    if (q->activation != MG_IDENTITY)
        x = mg_activate(x, q->activation);
    mg_store_some(q->c + row * q->n + n, x, count);
}

MG_INLINE int64_t mg_columns_at(const mg_quantized_matmul *q, int64_t n) {
    return q->n - n < MG_LANES ? q->n - n : MG_LANES;
}

/* Weight k of a block, times the rows' activations, added to the totals. */
MG_INLINE void mg_direct_step(const mg_wide *p, mg_quantization format, int rows, int vectors, const uint8_t *quants,
                              const mg_scales *s, const float *a, int k, mg_lanes total[][2 * MG_VECTORS]) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        mg_lanes w = mg_widened(format, mg_at(p, quants, v, 4), k, s[v]);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            total[r][v] = mg_fma(mg_splat(a[r * p->q->k + k]), w, total[r][v]);
    }
}

/* The first `count` k of block b, added to the totals. 8-bit weights go quad by quad in a loop that stays one:
   unrolled, their lines would be loaded early and then want more registers than there are. */
MG_INLINE void mg_direct_block(const mg_wide *p, mg_quantization format, int rows, int vectors, mg_panel panel,
                               const float *a, int64_t b, int count, mg_lanes total[][2 * MG_VECTORS]) {
    const uint8_t *quants = panel.quads + mg_quants_place(format, b);
    const float *x = a + b * MG_BLOCK;
    mg_scales s[2 * MG_VECTORS];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
        s[v] = mg_scales_at(p, format, panel, v, b);
    if (MG_LANES == 8 && (format == MG_INT8 || (format == MG_Q8_0 && rows == 1))) {
#pragma clang loop unroll(disable)
        for (int quad = 0; quad < 8; quad++)
#pragma clang loop unroll(full)
            for (int j = 0; j < 4; j++)
                if (quad * 4 + j < count)
                    mg_direct_step(p, format, rows, vectors, quants + quad * MG_LINE, s, x + quad * 4, j, total);
        return;
    }
#pragma clang loop unroll(full)
    for (int k = 0; k < MG_BLOCK; k++)
        if (k < count)
            mg_direct_step(p, format, rows, vectors, quants, s, x, k, total);
}

/* Few rows: all of C's `rows` rows, `vectors` vectors of columns. */
MG_INLINE void mg_direct_tile(const mg_wide *p, mg_quantization format, int rows, int vectors, int64_t column) {
    const mg_panel panel = mg_panel_at(&p->layout, p->weights, column);
    mg_lanes total[MG_DIRECT][2 * MG_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            total[r][v] = mg_zero();
    int64_t whole = p->q->k / MG_BLOCK;
    for (int64_t b = 0; b < whole; b++)
        mg_direct_block(p, format, rows, vectors, panel, p->q->a, b, MG_BLOCK, total);
    if (format == MG_INT8 && whole < p->layout.blocks)
        mg_direct_block(p, format, rows, vectors, panel, p->q->a, whole, (int)(p->q->k % MG_BLOCK), total);
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        int64_t n = column + v * MG_LANES, count = mg_columns_at(p->q, n);
        if (count <= 0)
            break;
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            mg_write_vector(p, r, n, count, total[r][v]);
    }
}

/* Weights k0 ..< k0 + count of a strip, widened: chunk[k][column]. */
MG_INLINE void mg_widen_chunk(const mg_wide *p, mg_quantization format, int vectors, int64_t column, int64_t k0,
                              int64_t count, float *chunk) {
    const mg_panel panel = mg_panel_at(&p->layout, p->weights, column);
    for (int64_t b = 0; b * MG_BLOCK < count; b++) {
        int64_t block = k0 / MG_BLOCK + b;
        const uint8_t *quants = panel.quads + mg_quants_place(format, block);
        float *out = chunk + b * MG_BLOCK * MG_STRIP;
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            mg_scales s = mg_scales_at(p, format, panel, v, block);
#pragma clang loop unroll(full)
            for (int k = 0; k < MG_BLOCK; k++)
                mg_store(out + k * MG_STRIP + v * MG_LANES, mg_widened(format, mg_at(p, quants, v, 4), k, s));
        }
    }
}

/* A tile of C over one chunk: a[k][rows] against chunk[k][column]. */
MG_INLINE void mg_wide_tile(const mg_wide *p, int rows, int vectors, int64_t row, int64_t column, const float *a,
                            const float *chunk, int64_t k0, int64_t count) {
    const mg_quantized_matmul *q = p->q;
    mg_lanes total[MG_ROWS][MG_VECTORS];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            int64_t n = column + v * MG_LANES, live = mg_columns_at(q, n);
            total[r][v] = k0 == 0 || live <= 0 ? mg_zero() : mg_load_some(q->c + (row + r) * q->n + n, live);
        }
#pragma clang loop unroll(disable)
    for (int64_t k = 0; k < count; k++) {
        mg_lanes w[MG_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++)
            w[v] = mg_load(chunk + k * MG_STRIP + v * MG_LANES);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            mg_lanes x = mg_splat(a[k * rows + r]);
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                total[r][v] = mg_fma(x, w[v], total[r][v]);
        }
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
        int64_t n = column + v * MG_LANES, live = mg_columns_at(q, n);
        if (live <= 0)
            break;
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            if (k0 + count == q->k)
                mg_write_vector(p, row + r, n, live, total[r][v]);
            else
                mg_store_some(q->c + (row + r) * q->n + n, total[r][v], live);
        }
    }
}

MG_INLINE int64_t mg_tiles(const mg_quantized_matmul *q) { return (q->m + MG_ROWS - 1) / MG_ROWS; }

MG_INLINE void mg_wide_tiles_of(const mg_wide *p, int vectors, int64_t column, const float *chunk, int64_t k0,
                                int64_t count) {
    const mg_quantized_matmul *q = p->q;
    int64_t tiles = mg_tiles(q);
    for (int64_t t = 0; t < tiles; t++) {
        int64_t row = q->m * t / tiles, rows = q->m * (t + 1) / tiles - row;
        const float *a = p->a + row * q->k + k0 * rows;
        switch (rows) {
#define MG_CASE(rows)                                                                                                  \
    case rows:                                                                                                         \
        mg_wide_tile(p, rows, vectors, row, column, a, chunk, k0, count);                                              \
        break;
            MG_CASE(1)
            MG_CASE(2)
            MG_CASE(3)
            MG_CASE(4)
#if MG_ROWS > 4
            MG_CASE(5)
            MG_CASE(6)
#endif
#if MG_ROWS > 6
            MG_CASE(7)
            MG_CASE(8)
            MG_CASE(9)
            MG_CASE(10)
            MG_CASE(11)
            MG_CASE(12)
#endif
#undef MG_CASE
        }
    }
}

static void mg_wide_tiles(const mg_wide *p, int64_t column, const float *chunk, int64_t k0, int64_t count) {
    mg_wide_tiles_of(p, MG_VECTORS, column, chunk, k0, count);
}

static void mg_wide_tiles_half(const mg_wide *p, int64_t column, const float *chunk, int64_t k0, int64_t count) {
    mg_wide_tiles_of(p, MG_VECTORS / 2, column, chunk, k0, count);
}

/* Few rows: strips, and half of one for the last columns where that is enough. */
MG_INLINE void mg_direct_strips(const mg_wide *p, mg_quantization format, int rows, int64_t column, int64_t to) {
    for (; to - column > MG_STRIP / 2; column += MG_STRIP)
        mg_direct_tile(p, format, rows, MG_VECTORS, column);
    if (column < to)
        mg_direct_tile(p, format, rows, MG_VECTORS / 2, column);
}

/* Columns from ..< to of C. */
MG_INLINE void mg_columns_of(const mg_wide *p, mg_quantization format, int64_t from, int64_t to) {
    const mg_quantized_matmul *q = p->q;
    if (q->m <= MG_DIRECT) {
        int64_t column = from;
        /* One row alone waits for its own chains; a second strip beside it fills the gaps, and half of one. */
        for (; q->m == 1 && to - column > 3 * MG_STRIP / 2; column += 2 * MG_STRIP)
            mg_direct_tile(p, format, 1, 2 * MG_VECTORS, column);
        if (q->m == 1 && to - column > MG_STRIP)
            mg_direct_tile(p, format, 1, 3 * MG_VECTORS / 2, column);
        else if (q->m == 1)
            mg_direct_strips(p, format, 1, column, to);
        else if (q->m == 2)
            mg_direct_strips(p, format, 2, column, to);
        else if (q->m == 3)
            mg_direct_strips(p, format, 3, column, to);
        return;
    }
    _Alignas(64) float chunk[MG_CHUNK * MG_STRIP];
    for (int64_t column = from; column < to; column += MG_STRIP) {
        int64_t k0 = 0;
        do {
            int64_t count = q->k - k0 < MG_CHUNK ? q->k - k0 : MG_CHUNK;
            if (to - column > MG_STRIP / 2) {
                mg_widen_chunk(p, format, MG_VECTORS, column, k0, count, chunk);
                mg_wide_tiles(p, column, chunk, k0, count);
            } else {
                mg_widen_chunk(p, format, MG_VECTORS / 2, column, k0, count, chunk);
                mg_wide_tiles_half(p, column, chunk, k0, count);
            }
            k0 += MG_CHUNK;
        } while (k0 < q->k);
    }
}

/* One compiled body a format: inside, the format is a constant. */
static void mg_columns_q8_0(const mg_wide *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q8_0, from, to); }
static void mg_columns_q4_0(const mg_wide *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q4_0, from, to); }
static void mg_columns_q4_1(const mg_wide *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q4_1, from, to); }
static void mg_columns_q4_k(const mg_wide *p, int64_t from, int64_t to) { mg_columns_of(p, MG_Q4_K, from, to); }
static void mg_columns_int8(const mg_wide *p, int64_t from, int64_t to) { mg_columns_of(p, MG_INT8, from, to); }

static size_t mg_fused_workspace_bytes(const void *arguments, int32_t workers) {
    const mg_quantized_matmul *q = arguments;
    (void)workers;
    return (size_t)(q->m <= MG_DIRECT ? 0 : q->m * q->k * 4) + 64;
}

static void mg_fused_pack(const void *arguments, void *packed) { mg_layout_pack(arguments, packed, 0); }

/* a[k][rows] for every tile of this worker. */
static void mg_copy_tiles(const mg_quantized_matmul *q, const mg_work *work, float *out) {
    int64_t tiles = mg_tiles(q), from, to;
    mg_work_range(work, tiles, 1, &from, &to);
    for (int64_t t = from; t < to; t++) {
        int64_t row = q->m * t / tiles, rows = q->m * (t + 1) / tiles - row;
        for (int64_t r = 0; r < rows; r++)
            for (int64_t k = 0; k < q->k; k++)
                out[row * q->k + k * rows + r] = q->a[(row + r) * q->k + k];
    }
}

static void mg_fused_run(const void *arguments, const mg_work *work) {
    const mg_quantized_matmul *q = arguments;
    mg_wide p = {.q = q, .layout = mg_layout_of(q), .weights = mg_layout_base(q->buffers.packed)};
    if (q->m > MG_DIRECT) {
        mg_copy_tiles(q, work, q->buffers.workspace);
        p.a = q->buffers.workspace;
        mg_work_wait(work);
    }
    int64_t from, to;
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
}
