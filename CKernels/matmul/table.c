/* The variants of matmul, in the order of matmul.def. */
#include "mg_matmul.h"

#define MG_FAMILY matmul
#define MG_LIST "matmul/matmul.def"
#include "table.tmpl.h"
