/* The table of softmax: softmax.def, mg_softmax.h and plugin.c.txt. */
#include "mg_softmax.h"

#define MG_FAMILY softmax
#define MG_LIST "softmax/softmax.def"
#include "table.tmpl.h"
