#pragma once
/* The plain variants: scale and mask as passes of their own around a softmax of whole rows.
   Included inside a target region, after functions/<isa>.h. */
#include "softmax_rows.tmpl.h"

/* out = scale·x, and -inf where the mask hides a column. */
static void softmax_prepare(const mg_softmax *s, int64_t row, int64_t rows) {
    for (int64_t end = row + rows; row < end; row++) {
        const float *x = s->x + row * s->columns;
        float *out = s->out + row * s->columns;
        int64_t visible = softmax_visible(s, row), n = s->columns, i = 0;
        mg_lanes by = mg_splat(s->scale);
        for (; i + MG_LANES <= n; i += MG_LANES)
            mg_store(out + i, mg_mul(mg_load(x + i), by));
        if (i < n)
            mg_store_first(out + i, mg_mul(mg_load_first(x + i, n - i, 0), by), n - i);
        for (i = visible; i < n; i++)
            out[i] = -__builtin_inff();
    }
}

/* Hidden columns of a row whose visible values hold a NaN are NaN now; they are to be 0. */
static void softmax_hide(const mg_softmax *s, int64_t row, int64_t rows) {
    for (int64_t end = row + rows; row < end; row++) {
        int64_t visible = softmax_visible(s, row);
        memset(s->out + row * s->columns + visible, 0, (size_t)(s->columns - visible) * sizeof(float));
    }
}

MG_INLINE void softmax_plain(const mg_softmax *s, const mg_work *work, softmax_block *block) {
    if (s->scale == 1 && !s->causal) {
        softmax_blocks(s, work, block);
        return;
    }
    mg_softmax prepared = *s;
    prepared.x = s->out;
    softmax_blocks(s, work, softmax_prepare);
    softmax_blocks(&prepared, work, block);
    if (s->causal)
        softmax_blocks(s, work, softmax_hide);
}
