/* The table of cached_attention: cached_attention.def, mg_cached_attention.h and plugin.c.txt. */
#include "mg_cached_attention.h"

#define MG_FAMILY cached_attention
#define MG_LIST "cached_attention/cached_attention.def"
#include "table.tmpl.h"
