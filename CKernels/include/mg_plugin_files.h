#pragma once
/* The files that a plugin of any family is built with, as text: `mgbench new-kernel` writes them beside the kernel,
   wherever the program was installed. */
#include <stdint.h>

typedef struct mg_plugin_file {
    const char *name;
    const char *text; /* NAME stands for the kernel's name */
} mg_plugin_file;

/* The headers. */
const mg_plugin_file *mg_plugin_headers(int32_t *count);
const char *mg_plugin_makefile(void);
