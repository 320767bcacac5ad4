#pragma once
/* What the C library's allocator has handed out and not got back, of all threads: a loop that shall allocate nothing
   leaves it as it was. */
#include <stddef.h>

size_t mg_heap_bytes(void);
