/* The variants of softmax, in the order of softmax.def. */
#include "mg_softmax.h"

#define MG_FAMILY softmax
#define MG_LIST "softmax/softmax.def"
#include "table.tmpl.h"
