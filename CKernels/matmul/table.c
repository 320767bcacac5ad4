/* The table of matmul: matmul.def, mg_matmul.h and plugin.c.txt. */
#include "mg_matmul.h"

#define MG_FAMILY matmul
#define MG_LIST "matmul/matmul.def"
#include "table.tmpl.h"
