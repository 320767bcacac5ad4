/* The variants of norm, in the order of norm.def. */
#include "mg_norm.h"

#define MG_FAMILY norm
#define MG_LIST "norm/norm.def"
#include "table.tmpl.h"
