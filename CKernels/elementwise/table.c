/* The variants of elementwise, in the order of elementwise.def. */
#include "mg_elementwise.h"

#define MG_FAMILY elementwise
#define MG_LIST "elementwise/elementwise.def"
#include "table.tmpl.h"
