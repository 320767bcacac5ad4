/* As threepass, with scale, mask and the change of base folded in: with c = scale·log2(e), each element is
   2^(c·x - c·max), one multiply-add and a power of two instead of scaling, subtracting and multiplying by log2(e)
   in turn. That is also more accurate: c·x is never rounded, and the rounding of c·max is common to the row, where
   the division removes it. Columns that the mask hides are neither read nor computed but written as 0. Saves the
   pre-pass (a read and a write of everything), a quarter of the arithmetic, and, causal, half of the rest.
   Included by the file of each instruction set, inside its target region. */
#include "softmax_rows.h"

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

static void fused_block(const mg_softmax *s, int64_t row, int64_t rows) {
    const int64_t n = s->columns, ahead = row + 2 * rows <= s->rows ? rows * n : 0;
    const float *x = s->x + row * n;
    float *out = s->out + row * n, max[SOFTMAX_BLOCK], sum[SOFTMAX_BLOCK];
    int64_t visible[SOFTMAX_BLOCK];
    for (int64_t r = 0; r < rows; r++) {
        visible[r] = softmax_visible(s, row + r);
        max[r] = fused_max(x + r * n, visible[r], s->scale);
    }
    for (int64_t r = 0; r < rows; r++) {
        if (max[r] > -FUSED_LARGEST && max[r] < FUSED_LARGEST)
            sum[r] = softmax_exp(SOFTMAX_EXP2, x + r * n, out + r * n, visible[r], s->scale * FUSED_LOG2E,
                                 max[r] * FUSED_LOG2E, ahead);
        else
            sum[r] = softmax_exp(SOFTMAX_EXACT, x + r * n, out + r * n, visible[r], s->scale, max[r], ahead);
    }
    for (int64_t r = 0; r < rows; r++) {
        softmax_scale(out + r * n, visible[r], softmax_inverse(sum[r]));
        if (visible[r] < n)
            memset(out + r * n + visible[r], 0, (size_t)(n - visible[r]) * sizeof(float));
    }
}

static void fused(const void *arguments, const mg_work *work) { softmax_blocks(arguments, work, fused_block); }
