#pragma once
/* The block sizes that the kernels were built with: `mgbench topo` holds them against the caches of the machine. */
#include <stdint.h>

typedef struct mg_block {
    const char *name; /* what is blocked, and in which variants */
    int64_t bytes;
    int32_t level; /* of the cache that it shall stay in */
} mg_block;

const mg_block *mg_blocks(int32_t *count);
