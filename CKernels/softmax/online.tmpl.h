/* Two passes over each row: maximum and sum in one read, every lane keeping a running maximum m and the sum of
   exp(x - m) so far, which is rescaled when a block of 8 vectors raises m; then exp(x - m)/Σ, computed anew.
   Reads 2n and writes n values instead of 3n and 2n, for twice the exponentials: it can only win where rows do not
   fit into a cache, and is here to show by how much it loses elsewhere.
   Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"; blocks and lanes as here are ours.
   Included by the file of each instruction set, inside its target region, after functions/<isa>.h. */
#include "softmax_plain.tmpl.h"

typedef struct online_state {
    mg_lanes max, sum;
} online_state;

MG_INLINE online_state online_raise(online_state state, mg_lanes max) {
    mg_lanes raised = mg_max(state.max, max);
    /* The running maximum starts at -FLT_MAX, so this never is -inf - -inf. */
    return (online_state){raised, mg_mul(state.sum, mg_exp(mg_sub(state.max, raised)))};
}

MG_INLINE void online_row(const mg_softmax *s, int64_t row) {
    const float *x = s->x + row * s->columns;
    float *out = s->out + row * s->columns;
    int64_t n = s->columns, i = 0;
    online_state state = {mg_splat(-FLT_MAX), mg_splat(0)};
    for (; i + 8 * MG_LANES <= n; i += 8 * MG_LANES) {
        mg_lanes max = mg_load(x + i), sum = mg_splat(0);
        for (int v = 1; v < 8; v++)
            max = mg_max(max, mg_load(x + i + v * MG_LANES));
        state = online_raise(state, max);
        for (int v = 0; v < 8; v++)
            sum = mg_add(sum, mg_exp(mg_sub(mg_load(x + i + v * MG_LANES), state.max)));
        state.sum = mg_add(state.sum, sum);
    }
    for (; i + MG_LANES <= n; i += MG_LANES) {
        mg_lanes v = mg_load(x + i);
        state = online_raise(state, v);
        state.sum = mg_add(state.sum, mg_exp(mg_sub(v, state.max)));
    }
    if (i < n) {
        mg_lanes v = mg_load_first(x + i, n - i, -FLT_MAX);
        state = online_raise(state, v);
        state.sum = mg_add(state.sum, mg_keep_first(mg_exp(mg_sub(v, state.max)), n - i));
    }
    mg_lanes max = mg_splat(mg_max_of(state.max));
    mg_lanes by = mg_splat(softmax_inverse(mg_sum_of(mg_mul(state.sum, mg_exp(mg_sub(state.max, max))))));
    for (i = 0; i + MG_LANES <= n; i += MG_LANES)
        mg_store(out + i, mg_mul(by, mg_exp(mg_sub(mg_load(x + i), max))));
    if (i < n)
        mg_store_first(out + i, mg_mul(by, mg_exp(mg_sub(mg_load_first(x + i, n - i, 0), max))), n - i);
}

static void online_block(const mg_softmax *s, int64_t row, int64_t rows) {
    for (int64_t r = 0; r < rows; r++)
        online_row(s, row + r);
}

static void online(const void *arguments, const mg_work *work) { softmax_plain(arguments, work, online_block); }
