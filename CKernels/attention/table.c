/* The variants of attention, in the order of attention.def. */
#include "mg_attention.h"

#define MG_FAMILY attention
#define MG_LIST "attention/attention.def"
#include "table.tmpl.h"
