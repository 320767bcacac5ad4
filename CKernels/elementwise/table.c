/* The table of elementwise: elementwise.def, mg_elementwise.h and plugin.c.txt. */
#include "mg_elementwise.h"

#define MG_FAMILY elementwise
#define MG_LIST "elementwise/elementwise.def"
#include "table.tmpl.h"
