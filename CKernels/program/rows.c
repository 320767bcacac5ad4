/* Operations on the rows of a pass that belong to no family: the gate of SwiGLU, rounding to bf16, rows picked out. */
#include "cached_attention/cache.h"
#include "mg_elementwise.h"
#include "mg_program.h"

enum {
    ROWS_COLUMNS = 256
}; /* of an item of work: what is activated is still in the first cache when it is multiplied */

void mg_gate_run(const void *arguments, const mg_work *work) {
    const mg_gate *s = arguments;
    const mg_work alone = {.index = 0, .count = 1, .barrier = NULL};
    const int64_t parts = (s->columns + ROWS_COLUMNS - 1) / ROWS_COLUMNS;
    int64_t from, to;
    mg_work_range(work, s->batch->rows * parts, 1, &from, &to);
    for (int64_t item = from; item < to; item++) {
        int64_t row = item / parts, column = item % parts * ROWS_COLUMNS;
        int64_t count = s->columns - column < ROWS_COLUMNS ? s->columns - column : ROWS_COLUMNS;
        const float *gate = s->gate + row * s->gate_stride + column;
        const float *up = s->up + row * s->up_stride + column;
        float *out = s->out + row * s->columns + column;
        mg_elementwise silu = {.count = count, .function = MG_FUNCTION_SILU, .x = gate, .out = out};
        s->silu(&silu, &alone);
        for (int64_t i = 0; i < count; i++)
            out[i] *= up[i];
    }
}

void mg_round_rows_run(const void *arguments, const mg_work *work) {
    const mg_round_rows *s = arguments;
    const int64_t rows = s->drawn ? s->batch->drawn : s->batch->rows;
    int64_t from, to;
    mg_work_range(work, rows * s->columns, 64, &from, &to);
    for (int64_t i = from; i < to; i++)
        s->out[i] = cache_bf16(s->x[i]);
}

void mg_gather_rows_run(const void *arguments, const mg_work *work) {
    const mg_gather_rows *s = arguments;
    int64_t from, to;
    mg_work_range(work, s->batch->drawn, 1, &from, &to);
    for (int64_t i = from; i < to; i++)
        memcpy(s->out + i * s->columns, s->x + s->batch->draws[i] * s->columns, (size_t)s->columns * 4);
}
