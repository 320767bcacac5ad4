#pragma once
/* Numbers of the machine that are read at run time. They are set once, before any kernel is bound: the size of a
   kernel's scratch depends on them. None changes a bit of a result: they say which rows go together and which way to
   the same sums is taken. Blocks of K are not among them; these order the sums, and stay constants. */
#include <stdint.h>

typedef struct mg_tuning {
    /* matmul, ffn: bytes of a block of A's rows in slivers, which shall stay in the second cache. */
    int64_t block_a_bytes;
    /* matmul, ffn: up to so many columns of B a worker, A is read in place, because packing it would not be repaid. */
    int64_t in_place_columns;
    /* ffn fused: tokens of a block, in tiles of the product. */
    int64_t ffn_tiles;
    /* How many workers a call is worth: nanoseconds that each must have to do, and what one does in a nanosecond at
       most, in f32 operations and in bytes of the caches. */
    double crew_nanoseconds, crew_f32, crew_bytes;
} mg_tuning;

/* What is in force; before it is set, what a core with 1 MB of second cache wants. */
extern mg_tuning mg_tuned;

void mg_tuning_set(const mg_tuning *tuning);
mg_tuning mg_tuning_get(void);
