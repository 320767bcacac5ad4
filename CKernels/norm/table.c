/* The table of norm: norm.def, mg_norm.h and plugin.c.txt. */
#include "mg_norm.h"

#define MG_FAMILY norm
#define MG_LIST "norm/norm.def"
#include "table.tmpl.h"
