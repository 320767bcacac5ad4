#pragma once
/* Numbers of the machine that kernels of matmul and ffn read. They are a value: whoever binds a call hands it over in
   `mg_buffers`, and the size of the call's scratch follows from it. None changes a bit of a result: they say which rows
   go together and which way to the same sums is taken. Blocks of K are not among them; these order the sums, and stay
   constants. */
#include <stdint.h>

typedef struct mg_tuning {
    /* matmul, ffn: bytes of a block of A's rows in slivers, which shall stay in the second cache. */
    int64_t block_a_bytes;
    /* matmul, ffn: up to so many columns of B a worker, A is read in place, because packing it would not be repaid. */
    int64_t in_place_columns;
    /* ffn fused: tokens of a block, in tiles of the product. */
    int64_t ffn_tiles;
} mg_tuning;

/* What a core with 1 MB of second cache wants; in force where a call brings no numbers. */
static const mg_tuning mg_tuning_fallback = {
    .block_a_bytes = 344064, /* 84 K floats: a third of 1 MB, beside a panel of B and the tiles of C */
    .in_place_columns = 256,
    .ffn_tiles = 3,
};
