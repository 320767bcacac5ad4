#pragma once
/* The two products of decode__avx512bf16 for a query row that is alone, at any dim up to 128 with every step known to
   the compiler: the query stays in registers, and values take one pass, whose last vector is masked. A dim that is no
   whole number of passes would else take one chain of products for each vector that is left, and a walk through all
   rows for each. Functions of their own: in a loop over rows and keys the compiler would carry an address for each load
   of each of these tiles from turn to turn, a hundred of them on the stack.
   Included inside the target region, after halves_add and halves_first. */

/* q · k, before its sum across lanes. q is padded with zeros. */
MG_INLINE __m512 alone_product(const rows_steps steps, const uint16_t *q, const uint16_t *k, int64_t dim) {
    __m512 c = _mm512_setzero_ps();
    int64_t d = 0;
    if (steps.whole >= 0)
#pragma clang loop unroll(full)
        for (int n = 0; n < steps.whole; n++, d += 32)
            c = halves_add(c, _mm512_loadu_si512(k + d), _mm512_loadu_si512(q + d));
    else
        for (; d + 32 <= dim; d += 32)
            c = halves_add(c, _mm512_loadu_si512(k + d), _mm512_loadu_si512(q + d));
    if (steps.whole < 0 ? d < dim : steps.part)
        c = halves_add(c, halves_first(k + d, dim - d), _mm512_loadu_si512(q + d));
    return c;
}

/* p[j] = q · k[j] for as many keys as come in 16s; returns how many. */
MG_INLINE int64_t alone_dots_16(const rows_steps steps, const uint16_t *q, const uint16_t *k, int64_t count,
                                int64_t dim, float *p) {
    int64_t j = 0;
    for (; j + 16 <= count; j += 16) {
        __m512 u[4];
#pragma clang loop unroll(full)
        for (int n = 0; n < 4; n++) {
            __m512 c[4];
#pragma clang loop unroll(full)
            for (int i = 0; i < 4; i++)
                c[i] = alone_product(steps, q, k + (j + 4 * n + i) * dim, dim);
            u[n] = mg_sums_of_4(c);
        }
        mg_store(p + j, mg_sums_of_quarters(u));
    }
    return j;
}

#define ALONE_DOTS_OF(n)                                                                                               \
    case 2 * (n):                                                                                                      \
        j = alone_dots_16((rows_steps){n, 0}, q, k, count, dim, p);                                                    \
        break;                                                                                                         \
    case 2 * (n) + 1:                                                                                                  \
        j = alone_dots_16((rows_steps){n, 1}, q, k, count, dim, p);                                                    \
        break

static __attribute__((noinline)) void alone_dots(const uint16_t *q, const uint16_t *k, int64_t count, int64_t dim,
                                                 float *p) {
    const rows_steps any = {-1, 0};
    int64_t j = 0;
    if (dim == 64)
        j = alone_dots_16((rows_steps){2, 0}, q, k, count, 64, p);
    else
        switch (2 * (dim / 32) + (dim % 32 > 0)) {
            ALONE_DOTS_OF(1);
            ALONE_DOTS_OF(2);
            ALONE_DOTS_OF(3);
            ALONE_DOTS_OF(4);
        default:
            j = alone_dots_16(any, q, k, count, dim, p);
        }
    for (; j < count; j++)
        p[j] = mg_sum_of(alone_product(any, q, k + j * dim, dim));
}
#undef ALONE_DOTS_OF

/* The products of two keys' values, or of the last key's if `one`, with their weights, for 32·`wide` of dim, of whose
   last 32 only those of the mask exist if `part`. */
MG_INLINE void alone_values_step(__m512 *c, const int wide, const int part, const int one, const uint16_t *p,
                                 const uint16_t *v, int64_t dim, __mmask32 some) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    __m512i weights = _mm512_set1_epi32(pair);
#pragma clang loop unroll(full)
    for (int n = 0; n < wide; n++, v += 32) {
        const int masked = part && n == wide - 1;
        __m512i even = masked ? _mm512_maskz_loadu_epi16(some, v) : _mm512_loadu_si512(v);
        __m512i odd = one      ? _mm512_setzero_si512()
                      : masked ? _mm512_maskz_loadu_epi16(some, v + dim)
                               : _mm512_loadu_si512(v + dim);
        c[2 * n] = halves_add(c[2 * n], _mm512_unpacklo_epi16(even, odd), weights);
        c[2 * n + 1] = halves_add(c[2 * n + 1], _mm512_unpackhi_epi16(even, odd), weights);
    }
}

/* o += Σ_j p[j] · v[j] for 32·`wide` of dim, of whose last 32 only `last` exist if `part`; o is in the order that
   interleaving leaves, see halves_values_tile. */
MG_INLINE void alone_values_tile(const int wide, const int part, const uint16_t *p, const uint16_t *v, int64_t count,
                                 int64_t dim, int64_t last, float *o) {
    const __mmask32 some = part ? (1u << last) - 1 : 0xffffffffu;
    __m512 c[16];
#pragma clang loop unroll(full)
    for (int n = 0; n < 2 * wide; n++)
        c[n] = mg_load(o + n * 16);
    int64_t j = 0;
    for (; j + 2 <= count; j += 2)
        alone_values_step(c, wide, part, 0, p + j, v + j * dim, dim, some);
    if (j < count)
        alone_values_step(c, wide, part, 1, p + j, v + j * dim, dim, some);
#pragma clang loop unroll(full)
    for (int n = 0; n < 2 * wide; n++)
        mg_store(o + n * 16, c[n]);
}

#define ALONE_VALUES_OF(n)                                                                                             \
    case n:                                                                                                            \
        if (last < 32)                                                                                                 \
            alone_values_tile(n, 1, p, v + d, count, dim, last, o + d);                                                \
        else                                                                                                           \
            alone_values_tile(n, 0, p, v + d, count, dim, 32, o + d);                                                  \
        break

/* Passes of equal width, as few as there can be. */
static __attribute__((noinline)) void alone_values(const uint16_t *p, const uint16_t *v, int64_t count, int64_t dim,
                                                   float *o) {
    int64_t vectors = (dim + 31) / 32, d = 0;
    for (int64_t passes = (vectors + 7) / 8; passes > 0; passes--) {
        int64_t some = (vectors + passes - 1) / passes, last = dim - d - (some - 1) * 32;
        switch (some) {
            ALONE_VALUES_OF(1);
            ALONE_VALUES_OF(2);
            ALONE_VALUES_OF(3);
            ALONE_VALUES_OF(4);
            ALONE_VALUES_OF(5);
            ALONE_VALUES_OF(6);
            ALONE_VALUES_OF(7);
            ALONE_VALUES_OF(8);
        }
        vectors -= some;
        d += some * 32;
    }
}
#undef ALONE_VALUES_OF
