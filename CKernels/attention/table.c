/* The table of attention: attention.def, mg_attention.h and plugin.c.txt. */
#include "mg_attention.h"

#define MG_FAMILY attention
#define MG_LIST "attention/attention.def"
#include "table.tmpl.h"
