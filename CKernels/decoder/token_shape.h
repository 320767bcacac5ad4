#pragma once
/* How the keys of one token are split; the same for every instruction set and every number of workers. */
#include <stdint.h>

#include "mg_target.h"

enum {
    TOKEN_ROWS = 4,   /* query heads of a kv head that are taken together */
    TOKEN_LANES = 16, /* rows that are widened together, at most */
    TOKEN_SHORT = 32, /* keys of a chunk, from .. to */
    TOKEN_LONG = 256,
    TOKEN_CHUNKS = 16, /* that chunks grow for, until they are the longest */
};

/* A row of dim in floats of scratch, in whole vectors of any instruction set. */
MG_INLINE int64_t token_padded(int64_t dim) { return (dim + 15) / 16 * 16; }

/* Keys of a chunk. */
MG_INLINE int64_t token_chunk_of(int64_t keys) {
    int64_t chunk = (keys + TOKEN_CHUNKS * TOKEN_SHORT - 1) / (TOKEN_CHUNKS * TOKEN_SHORT) * TOKEN_SHORT;
    return chunk < TOKEN_SHORT ? TOKEN_SHORT : chunk < TOKEN_LONG ? chunk : TOKEN_LONG;
}

MG_INLINE int64_t token_most_chunks(int64_t capacity) {
    int64_t chunks = (capacity + TOKEN_LONG - 1) / TOKEN_LONG;
    return chunks < TOKEN_CHUNKS ? TOKEN_CHUNKS : chunks;
}
