/* As threepass, with scale and mask folded in: the maximum is scaled once a row, the product with the scale
   is taken in registers, and columns that the mask hides are neither read nor computed but written as 0. Saves the
   pre-pass (a read and a write of everything) and, causal, half of the exponentials; without scale and mask it does
   what threepass does, at the same speed.
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

static void fused_row(const mg_softmax *s, int64_t row) {
    const float *x = s->x + row * s->columns;
    float *out = s->out + row * s->columns;
    int64_t n = softmax_visible(s, row);
    float max = fused_max(x, n, s->scale);
    float sum = softmax_exp(x, out, n, s->scale, max);
    softmax_scale(out, n, softmax_inverse(sum));
    memset(out + n, 0, (size_t)(s->columns - n) * sizeof(float));
}

static void fused(const void *arguments, const mg_work *work) { softmax_rows(arguments, work, fused_row); }
