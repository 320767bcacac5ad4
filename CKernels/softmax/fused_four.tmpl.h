#pragma once
/* fused.tmpl.h for short rows on AVX-512, four at a time. Included by it only. */

/* Four rows of up to FUSED_FOUR vectors at a time: their maxima, and later their sums, are folded by the same shuffles,
   one division serves all. Up to 20 vectors of exponentials wait for it in registers; of longer rows some wait on the
   stack, which costs less than a row's own folds. The maxima of the block's
   next four rows are found before the exponentials of these, for two short chains overlap better than a long one. */
enum { FUSED_FOUR = 9 };

MG_INLINE mg_lanes fused_maxima(const int vectors, const float *x, int64_t n, float scale) {
    mg_lanes high[4];
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; r++) {
        const float *from = x + r * n;
        const int64_t rest = n - (vectors - 1) * MG_LANES;
        high[r] = mg_splat(-FLT_MAX);
#pragma clang loop unroll(full)
        for (int k = 0; k < vectors - 1; k++)
            high[r] = mg_max(high[r], mg_load(from + k * MG_LANES));
        from += (vectors - 1) * MG_LANES;
        high[r] = mg_max(high[r], rest == MG_LANES ? mg_load(from) : mg_load_first(from, rest, -FLT_MAX));
    }
    return mg_max(mg_splat(-FLT_MAX), mg_mul(mg_splat(scale), mg_maxima_of_four(high)));
}

/* A few values behind the last whole vector of each row, up to four: all four rows' as the quarters of one vector. */
MG_INLINE mg_lanes fused_ends(const float *from, int64_t n, int64_t rest) {
    const __mmask8 few = (__mmask8)((1u << rest) - 1);
    __m512 v = _mm512_castps128_ps512(_mm_maskz_loadu_ps(few, from));
    v = _mm512_insertf32x4(v, _mm_maskz_loadu_ps(few, from + n), 1);
    v = _mm512_insertf32x4(v, _mm_maskz_loadu_ps(few, from + 2 * n), 2);
    return _mm512_insertf32x4(v, _mm_maskz_loadu_ps(few, from + 3 * n), 3);
}
/* Quarter `row` of v in the first quarter, 0 in the others. */
MG_INLINE mg_lanes fused_end(mg_lanes v, int row) {
    switch (row) {
    case 0:
        return _mm512_maskz_mov_ps(0xf, v);
    case 1:
        return _mm512_maskz_shuffle_f32x4(0xf, v, v, 1);
    case 2:
        return _mm512_maskz_shuffle_f32x4(0xf, v, v, 2);
    default:
        return _mm512_maskz_shuffle_f32x4(0xf, v, v, 3);
    }
}

/* `few`: the last vector of each row holds one to four values. */
MG_INLINE void fused_four(const int vectors, const int few, const float *x, float *out, int64_t n, float scale,
                          mg_lanes max) {
    const int last = vectors - 1;
    const int64_t rest = n - last * MG_LANES;
    mg_lanes v[4][FUSED_FOUR], ends, sum[4], factor = mg_splat(scale * FUSED_LOG2E);
    max = mg_mul(max, mg_splat(FUSED_LOG2E));
    if (few) {
        const __mmask16 in = (__mmask16)(((1u << rest) - 1) * 0x1111u);
        ends = softmax_element(SOFTMAX_EXP2, fused_ends(x + last * MG_LANES, n, rest), factor, max);
        ends = _mm512_maskz_mov_ps(in, ends);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; r++) {
        const float *from = x + r * n;
        mg_lanes offset = mg_quarter(max, r), even = mg_splat(0), odd = even;
#pragma clang loop unroll(full)
        for (int k = 0; k < last; k++)
            v[r][k] = softmax_element(SOFTMAX_EXP2, mg_load(from + k * MG_LANES), factor, offset);
        if (few)
            v[r][last] = fused_end(ends, r);
        else if (rest == MG_LANES)
            v[r][last] = softmax_element(SOFTMAX_EXP2, mg_load(from + last * MG_LANES), factor, offset);
        else
            v[r][last] = mg_keep_first(
                softmax_element(SOFTMAX_EXP2, mg_load_first(from + last * MG_LANES, rest, 0), factor, offset), rest);
#pragma clang loop unroll(full)
        for (int k = 0; k < vectors; k++) {
            if (k % 2 == 0)
                even = k == 0 ? v[r][k] : mg_add(even, v[r][k]);
            else
                odd = mg_add(odd, v[r][k]);
        }
        sum[r] = mg_add(even, odd);
    }
    mg_lanes inverse = mg_inverse(mg_sums_of_four(sum));
    if (few)
        ends = mg_mul(ends, inverse);
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; r++) {
        float *to = out + r * n;
        mg_lanes by = mg_quarter(inverse, r);
#pragma clang loop unroll(full)
        for (int k = 0; k < last; k++)
            mg_store(to + k * MG_LANES, mg_mul(v[r][k], by));
        if (few)
            mg_store_first(to + last * MG_LANES, fused_end(ends, r), rest);
        else if (rest == MG_LANES)
            mg_store(to + last * MG_LANES, mg_mul(v[r][last], by));
        else
            mg_store_first(to + last * MG_LANES, mg_mul(v[r][last], by), rest);
    }
}

/* Rows from `row` on in fours, as long as all see everything and have a common maximum; returns how many were done. */
MG_INLINE int64_t fused_fours_of(const int vectors, const int few, const mg_softmax *s, int64_t row, int64_t to) {
    const int64_t n = s->columns, from = row;
    if (row + 4 > to)
        return 0;
    const mg_lanes largest = mg_splat(FUSED_LARGEST);
    mg_lanes max = fused_maxima(vectors, s->x + row * n, n, s->scale);
    for (; row + 4 <= to; row += 4) {
        /* NaN is not below either. */
        if (_mm512_cmp_ps_mask(_mm512_abs_ps(max), largest, _CMP_LT_OQ) != 0xffff)
            break;
        int64_t next = row + 8 <= to ? row + 4 : row;
        mg_lanes following = fused_maxima(vectors, s->x + next * n, n, s->scale);
        fused_four(vectors, few, s->x + row * n, s->out + row * n, n, s->scale, max);
        max = following;
    }
    return row - from;
}

static int64_t fused_fours(const mg_softmax *s, int64_t row, int64_t to) {
    if (s->causal || !(s->scale >= 0))
        return 0;
    const int64_t rest = s->columns % MG_LANES;
    const int few = rest >= 1 && rest <= 4;
    switch ((s->columns + MG_LANES - 1) / MG_LANES) {
#define FUSED_FOURS(vectors)                                                                                           \
    case vectors:                                                                                                      \
        return few ? fused_fours_of(vectors, 1, s, row, to) : fused_fours_of(vectors, 0, s, row, to);
        FUSED_FOURS(1)
        FUSED_FOURS(2)
        FUSED_FOURS(3)
        FUSED_FOURS(4)
        FUSED_FOURS(5)
        FUSED_FOURS(6)
        FUSED_FOURS(7)
        FUSED_FOURS(8)
        FUSED_FOURS(9)
#undef FUSED_FOURS
    }
    return 0;
}
