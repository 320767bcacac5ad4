#pragma once
/* Passes over a row, line by line. A row of odd length begins anywhere in a line of the cache; every vector that is
   counted from its beginning then touches two lines, which costs half a load or store more. Here the vectors lie on
   the lines, and what the row has of its first and last line is a part of one.

   The bits of a sum do not tell where a row lies: value i is added to chain i / MG_LANES % chains of lane i % MG_LANES,
   whichever lane holds it here. row_sum turns lanes and chains back before it folds them.
   Included inside a target region, after vectors/<isa>.h. */
#include <stdint.h>

/* How many lanes of the first vector lie before the row at p. */
MG_INLINE int64_t row_offset(const float *p) {
    return MG_SPLITS ? (int64_t)((uintptr_t)p / sizeof(float) % MG_LANES) : 0;
}

/* How many rows go through each pass together, at most `most`: so many that two copies of them fill half of a first
   cache of 32 KiB, or a sixteenth more, for rows that are a little longer than a power of two. */
MG_INLINE int64_t row_block(int64_t n, int64_t most) {
    const int64_t values = 2048, size = values * 17 / 16 / n;
    return n <= values / most ? most : n < values ? size : 1;
}

/* STEP(i, from, to, k) for each vector of a row of n values that begins in lane `offset`: its lane 0 is value i, which
   may be negative, its lanes from ..< to are values of the row. k counts vectors modulo 4, from the first whole one. */
#define ROW_LINES(offset, n, STEP)                                                                                     \
    do {                                                                                                               \
        int64_t i = -(offset);                                                                                         \
        if (i < 0) {                                                                                                   \
            STEP(i, -i, (n)-i < MG_LANES ? (n)-i : MG_LANES, 3);                                                       \
            i += MG_LANES;                                                                                             \
        }                                                                                                              \
        for (; i + 4 * MG_LANES <= (n); i += 4 * MG_LANES) {                                                           \
            STEP(i, 0, MG_LANES, 0);                                                                                   \
            STEP(i + MG_LANES, 0, MG_LANES, 1);                                                                        \
            STEP(i + 2 * MG_LANES, 0, MG_LANES, 2);                                                                    \
            STEP(i + 3 * MG_LANES, 0, MG_LANES, 3);                                                                    \
        }                                                                                                              \
        if (i + MG_LANES > (n)) {                                                                                      \
            ROW_REST(i, n, STEP, 0);                                                                                   \
        } else {                                                                                                       \
            STEP(i, 0, MG_LANES, 0);                                                                                   \
            i += MG_LANES;                                                                                             \
            if (i + MG_LANES > (n)) {                                                                                  \
                ROW_REST(i, n, STEP, 1);                                                                               \
            } else {                                                                                                   \
                STEP(i, 0, MG_LANES, 1);                                                                               \
                i += MG_LANES;                                                                                         \
                if (i + MG_LANES > (n)) {                                                                              \
                    ROW_REST(i, n, STEP, 2);                                                                           \
                } else {                                                                                               \
                    STEP(i, 0, MG_LANES, 2);                                                                           \
                    i += MG_LANES;                                                                                     \
                    ROW_REST(i, n, STEP, 3);                                                                           \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)
#define ROW_REST(i, n, STEP, k)                                                                                        \
    if (i < (n))                                                                                                       \
    STEP(i, 0, (n)-i, k)

/* Lanes from ..< to of the vector at p, the others `fill`. Nothing beside them is read. */
MG_INLINE mg_lanes row_take(const float *p, int64_t from, int64_t to, float fill) {
    if (from == 0)
        return to == MG_LANES ? mg_load(p) : mg_load_first(p, to, fill);
    return mg_turned(mg_load_first(p + from, to - from, fill), MG_LANES - from);
}
/* The same of a row that need not lie as the one whose lines are walked; what the others are is open. Where a part of
   that one is within its line, here it may reach into a page that nobody has touched, and a masked load that does takes
   hundreds of cycles. So parts come from whole vectors of the row, which with an offset has many. */
MG_INLINE mg_lanes row_beside(const float *p, int64_t offset, int64_t from, int64_t to) {
    if (offset == 0 || (from == 0 && to == MG_LANES))
        return row_take(p, from, to, 0);
    return from > 0 ? mg_turned(mg_load(p + from), MG_LANES - from)
                    : mg_turned(mg_load(p + to - MG_LANES), MG_LANES - to);
}
MG_INLINE void row_put(float *p, mg_lanes v, int64_t from, int64_t to) {
    if (from > 0)
        mg_store_part(p, v, from, to);
    else if (to == MG_LANES)
        mg_store(p, v);
    else
        mg_store_first(p, v, to);
}
/* v with 0 in all other lanes. */
MG_INLINE mg_lanes row_keep(mg_lanes v, int64_t from, int64_t to) {
    if (from == 0)
        return to == MG_LANES ? v : mg_keep_first(v, to);
    return mg_keep_part(v, from, to);
}

/* The chains of a sum, 2 or 4, of which STEP's k % chains is one. */
typedef struct row_sums {
    mg_lanes part[4];
} row_sums;
MG_INLINE row_sums row_zero(void) {
    mg_lanes zero = mg_splat(0);
    return (row_sums){{zero, zero, zero, zero}};
}
MG_INLINE float row_sum(const int chains, row_sums s, int64_t offset) {
    if (offset > 0) {
        /* Lanes behind the offset hold the row's first values in the last chain, and so on. */
        row_sums turned;
#pragma clang loop unroll(full)
        for (int k = 0; k < chains; k++)
            turned.part[k] = mg_from(s.part[k], s.part[(k + chains - 1) % chains], offset);
#pragma clang loop unroll(full)
        for (int k = 0; k < chains; k++)
            s.part[k] = turned.part[k];
    }
    mg_lanes sum = mg_add(s.part[0], s.part[1]);
    if (chains == 4)
        sum = mg_add(sum, mg_add(s.part[2], s.part[3]));
    return mg_sum_of(offset > 0 ? mg_turned(sum, offset) : sum);
}
