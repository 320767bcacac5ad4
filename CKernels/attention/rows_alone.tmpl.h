#pragma once
/* The products of rows.tmpl.h for a query row that is alone, with the steps of dim known to the compiler: the query
   stays in registers, and an odd dim takes as few passes over the values as a whole one. Included by rows.tmpl.h only.
 */

#define ROWS_DOTS_OF(n)                                                                                                \
    case 2 * (n):                                                                                                      \
        j = rows_dots_tiles(rows, (rows_steps){n, 0}, q, q_step, k, count, dim, p, p_step, half);                      \
        break;                                                                                                         \
    case 2 * (n) + 1:                                                                                                  \
        j = rows_dots_tiles(rows, (rows_steps){n, 1}, q, q_step, k, count, dim, p, p_step, half);                      \
        break

/* Of a row that is alone. In a function of its own: in a loop over rows and keys the compiler would carry an address
   for each load of each of these tiles from turn to turn, a hundred of them on the stack. */
MG_INLINE void rows_dots_alone_of(const float *q, const void *k, int64_t count, int64_t dim, float *p, const int half) {
    enum { rows = 1, q_step = 0, p_step = 0 };
    const rows_steps any = {-1, 0};
    const int wide = (half ? 2 : 1) * MG_LANES;
    int64_t j = 0;
    if (dim == 64)
        j = rows_dots_tiles(rows, (rows_steps){64 / wide, 0}, q, q_step, k, count, 64, p, p_step, half);
    else
        switch (2 * (dim / wide) + (dim % wide > 0)) {
            ROWS_DOTS_OF(1);
            ROWS_DOTS_OF(2);
            ROWS_DOTS_OF(3);
            ROWS_DOTS_OF(4);
            ROWS_DOTS_OF(5);
            ROWS_DOTS_OF(6);
            ROWS_DOTS_OF(7);
            ROWS_DOTS_OF(8);
        default:
            j = rows_dots_tiles(rows, any, q, q_step, k, count, dim, p, p_step, half);
        }
    for (; j < count; j++)
        rows_dots_tile(rows, 1, any, q, q_step, rows_at(k, j * dim, half), dim, p + j, p_step, half);
}
#undef ROWS_DOTS_OF

static __attribute__((noinline)) void rows_dots_alone_f32(const float *q, const void *k, int64_t count, int64_t dim,
                                                          float *p) {
    rows_dots_alone_of(q, k, count, dim, p, 0);
}

static __attribute__((noinline)) void rows_dots_alone_bf16(const float *q, const void *k, int64_t count, int64_t dim,
                                                           float *p) {
    rows_dots_alone_of(q, k, count, dim, p, 1);
}

#define ROWS_VALUES_OF(n)                                                                                              \
    case n:                                                                                                            \
        if (n % step)                                                                                                  \
            break;                                                                                                     \
        if (wide)                                                                                                      \
            rows_values_tile(rows, n, p, p_step, rows_at(v, d, half), count, dim, o + d, o_step, wide, half);          \
        else                                                                                                           \
            rows_values_tile(rows, n, p, p_step, rows_at(v, d, half), count, dim, o + d, o_step, 0, half);             \
        break

/* Vectors of dim that a pass over the values takes. */
enum { ROWS_ALONE = MG_LANES == 16 ? 16 : 8 };

/* Of a row that is alone: as few passes over the values as the registers allow, and these of equal width. A vector of
   dim that has a pass of its own would be one chain of multiply-adds, each waiting for the one before. */
MG_INLINE void rows_values_alone_of(const float *p, const void *v, int64_t count, int64_t dim, float *o,
                                    const int half) {
    enum { rows = 1, p_step = 0, o_step = 0, most = ROWS_ALONE };
    const int step = half ? 2 : 1;
    int64_t vectors = rows_padded(dim, step * MG_LANES) / MG_LANES, d = 0;
    for (int64_t passes = (vectors + most - 1) / most; passes > 0; passes--) {
        int64_t some = rows_padded((vectors + passes - 1) / passes, step);
        int64_t last = dim - d - (some - step) * MG_LANES, wide = last < step * MG_LANES ? last : 0;
        switch (some) {
            ROWS_VALUES_OF(1);
            ROWS_VALUES_OF(2);
            ROWS_VALUES_OF(3);
            ROWS_VALUES_OF(4);
            ROWS_VALUES_OF(5);
            ROWS_VALUES_OF(6);
            ROWS_VALUES_OF(7);
            ROWS_VALUES_OF(8);
#if MG_LANES == 16
            ROWS_VALUES_OF(9);
            ROWS_VALUES_OF(10);
            ROWS_VALUES_OF(11);
            ROWS_VALUES_OF(12);
            ROWS_VALUES_OF(13);
            ROWS_VALUES_OF(14);
            ROWS_VALUES_OF(15);
            ROWS_VALUES_OF(16);
#endif
        }
        vectors -= some;
        d += some * MG_LANES;
    }
}
#undef ROWS_VALUES_OF

static __attribute__((noinline)) void rows_values_alone_f32(const float *p, const void *v, int64_t count, int64_t dim,
                                                            float *o) {
    rows_values_alone_of(p, v, count, dim, o, 0);
}

static __attribute__((noinline)) void rows_values_alone_bf16(const float *p, const void *v, int64_t count, int64_t dim,
                                                             float *o) {
    rows_values_alone_of(p, v, count, dim, o, 1);
}
