#pragma once
/* The headers that a plugin is built with, as text: `mgbench new-kernel` writes them beside the kernel, wherever the
   program was installed. */
#include <stdint.h>

typedef struct mg_header {
    const char *name;
    const char *text;
} mg_header;

const mg_header *mg_headers(int32_t *count);
