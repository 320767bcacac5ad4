/* As threepass, with scale, mask and the change of base folded in: with c = scale·log2(e), each element is
   2^(c·x - c·max), one multiply-add and a power of two instead of scaling, subtracting and multiplying by log2(e)
   in turn. That is also more accurate: c·x is never rounded, and the rounding of c·max is common to the row, where
   the division removes it. Columns that the mask hides are neither read nor computed but written as 0. Saves the
   pre-pass (a read and a write of everything), a quarter of the arithmetic, and, causal, half of the rest.
   Included by the file of each instruction set, inside its target region, after functions/<isa>.h. */
#include "softmax_rows.tmpl.h"

/* max scale·x. The factor moves out of the maximum, which a negative one turns into a minimum. */
MG_INLINE float fused_max(const float *x, int64_t n, float scale) {
    if (scale >= 0) {
        float max = scale * softmax_max(x, n);
        return max < -FLT_MAX ? -FLT_MAX : max; /* scaled beyond the range: as if it were -FLT_MAX itself */
    }
    mg_lanes by = mg_splat(scale), max = mg_splat(-FLT_MAX);
    int64_t i = 0;
    for (; i + MG_LANES <= n; i += MG_LANES)
        max = mg_max(max, mg_mul(by, mg_load(x + i)));
    if (i < n)
        max = mg_max(max, mg_mul(by, mg_load_first(x + i, n - i, x[i])));
    return mg_max_of(max);
}

/* Up to this maximum c·x - c·max is off by less than 2^-7 at the maximum itself. Beyond, the common offset could leave
   the range of floats before the division removes it. */
#define FUSED_LARGEST 0x1p16f
#define FUSED_LOG2E 0x1.715476p0f

/* A short row stays in registers from its exponentials to its last product: nothing is stored and read again. The
   maximum is a loop of its own over the block's rows all the same. With it, one row would be a chain of some 130
   cycles, of which the processor's schedulers hold two or three; so there are two shorter ones, of which they hold
   enough. */
enum { FUSED_HELD = MG_LANES == 16 ? 8 : 4 };

/* The row's n values as `vectors` vectors, a constant at every call. */
MG_INLINE void fused_held(const int vectors, const float *x, float *out, int64_t n, float by, float max) {
    const int last = vectors - 1;
    const int64_t rest = n - last * MG_LANES;
    mg_lanes v[FUSED_HELD], factor = mg_splat(by), offset = mg_splat(max);
#pragma clang loop unroll(full)
    for (int k = 0; k < last; k++)
        v[k] = softmax_element(SOFTMAX_EXP2, mg_load(x + k * MG_LANES), factor, offset);
    if (rest == MG_LANES)
        v[last] = softmax_element(SOFTMAX_EXP2, mg_load(x + last * MG_LANES), factor, offset);
    else
        v[last] = mg_keep_first(
            softmax_element(SOFTMAX_EXP2, mg_load_first(x + last * MG_LANES, rest, 0), factor, offset), rest);
    mg_lanes a = v[0], b = mg_splat(0);
#pragma clang loop unroll(full)
    for (int k = 1; k < vectors; k++) {
        if (k % 2 == 0)
            a = mg_add(a, v[k]);
        else
            b = mg_add(b, v[k]);
    }
    mg_lanes inverse = mg_splat(softmax_inverse(mg_sum_of(mg_add(a, b))));
#pragma clang loop unroll(full)
    for (int k = 0; k < last; k++)
        mg_store(out + k * MG_LANES, mg_mul(v[k], inverse));
    if (rest == MG_LANES)
        mg_store(out + last * MG_LANES, mg_mul(v[last], inverse));
    else
        mg_store_first(out + last * MG_LANES, mg_mul(v[last], inverse), rest);
}

/* The same for any short row; false, and nothing done, for others. */
MG_INLINE int fused_short(const float *x, float *out, int64_t n, float by, float max) {
    switch ((n + MG_LANES - 1) / MG_LANES) {
    case 1:
        fused_held(1, x, out, n, by, max);
        return 1;
    case 2:
        fused_held(2, x, out, n, by, max);
        return 1;
    case 3:
        fused_held(3, x, out, n, by, max);
        return 1;
    case 4:
        fused_held(4, x, out, n, by, max);
        return 1;
#if MG_LANES == 16
    case 5:
        fused_held(5, x, out, n, by, max);
        return 1;
    case 6:
        fused_held(6, x, out, n, by, max);
        return 1;
    case 7:
        fused_held(7, x, out, n, by, max);
        return 1;
    case 8:
        fused_held(8, x, out, n, by, max);
        return 1;
#endif
    }
    return 0;
}

#if MG_LANES == 16
#include "fused_four.tmpl.h"
#endif

/* Each vector of exponentials is written, read again and written again. Rows that are too short to go by lines
   (row_lines.tmpl.h), and do not begin on them, wait on the stack in between, every one from a line on. */
enum { FUSED_LINE = 16 };

static void fused_block(const mg_softmax *s, int64_t row, int64_t rows) {
    const int64_t n = s->columns, ahead = row + 2 * rows <= s->rows ? rows * n : 0;
    const int64_t stride = (n + FUSED_LINE - 1) / FUSED_LINE * FUSED_LINE;
    const float *x = s->x + row * n;
    float *out = s->out + row * n, max[SOFTMAX_BLOCK], sum[SOFTMAX_BLOCK], *wait[SOFTMAX_BLOCK];
    float stack[SOFTMAX_BLOCK * SOFTMAX_LINES] __attribute__((aligned(64)));
    int64_t visible[SOFTMAX_BLOCK];
    for (int64_t r = 0; r < rows; r++) {
        visible[r] = softmax_visible(s, row + r);
        max[r] = fused_max(x + r * n, visible[r], s->scale);
    }
    for (int64_t r = 0; r < rows; r++) {
        const float *from = x + r * n;
        wait[r] = n < SOFTMAX_LINES && n < stride ? stack + r * stride : out + r * n;
        if (max[r] > -FUSED_LARGEST && max[r] < FUSED_LARGEST) {
            const float by = s->scale * FUSED_LOG2E, offset = max[r] * FUSED_LOG2E;
            if (fused_short(from, out + r * n, visible[r], by, offset))
                wait[r] = 0;
            else
                sum[r] = softmax_exp(SOFTMAX_EXP2, from, wait[r], visible[r], by, offset, ahead);
        } else {
            sum[r] = softmax_exp(SOFTMAX_EXACT, from, wait[r], visible[r], s->scale, max[r], ahead);
        }
    }
    for (int64_t r = 0; r < rows; r++) {
        if (wait[r])
            softmax_scale(wait[r], out + r * n, visible[r], softmax_inverse(sum[r]));
        if (visible[r] < n)
            memset(out + r * n + visible[r], 0, (size_t)(n - visible[r]) * sizeof(float));
    }
}

static void fused(const void *arguments, const mg_work *work) {
#if MG_LANES == 16
    const mg_softmax *s = arguments;
    if (!s->causal && s->columns <= FUSED_FOUR * MG_LANES) {
        int64_t from, to;
        mg_work_range(work, s->rows, 1, &from, &to);
        while (from < to) {
            from += fused_fours(s, from, to);
            int64_t rows = to - from < 4 ? to - from : 4; /* the last ones, or four with one that needs more care */
            if (rows > 0)
                fused_block(s, from, rows);
            from += rows;
        }
        return;
    }
#endif
    softmax_blocks(arguments, work, fused_block);
}
