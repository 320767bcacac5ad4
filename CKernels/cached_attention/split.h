#pragma once
/* How the keys that one row sees are split; the same for every instruction set and every number of workers. */
#include <stdint.h>

#include "mg_target.h"

enum {
    SPLIT_ROWS = 4,   /* query heads of a kv head that are taken together */
    SPLIT_LANES = 16, /* rows that are widened together, at most */
    SPLIT_SHORT = 32, /* keys of a chunk, from .. to */
    SPLIT_LONG = 256,
    SPLIT_CHUNKS = 16, /* that chunks grow for, until they are the longest */
};

/* A row of dim in floats of scratch, in whole vectors of any instruction set. */
MG_INLINE int64_t split_padded(int64_t dim) { return (dim + 15) / 16 * 16; }

/* Keys of a chunk. */
MG_INLINE int64_t split_chunk(int64_t keys) {
    int64_t chunk = (keys + SPLIT_CHUNKS * SPLIT_SHORT - 1) / (SPLIT_CHUNKS * SPLIT_SHORT) * SPLIT_SHORT;
    return chunk < SPLIT_SHORT ? SPLIT_SHORT : chunk < SPLIT_LONG ? chunk : SPLIT_LONG;
}

/* Chunks of at most so many keys. */
MG_INLINE int64_t split_most_chunks(int64_t keys) {
    int64_t chunks = (keys + SPLIT_LONG - 1) / SPLIT_LONG;
    return chunks < SPLIT_CHUNKS ? SPLIT_CHUNKS : chunks;
}

/* Chunks of a row that sees so many keys. */
MG_INLINE int64_t split_chunks(int64_t keys) { return (keys + split_chunk(keys) - 1) / split_chunk(keys); }

/* Floats of a worker's scratch: queries, rows of keys or values, a key that is being turned, scores. */
MG_INLINE int64_t split_scratch_floats(int64_t dim) {
    return (SPLIT_ROWS + SPLIT_LANES + 1) * split_padded(dim) + SPLIT_ROWS * SPLIT_LONG;
}
