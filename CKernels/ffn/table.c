/* The variants of ffn, in the order of ffn.def. */
#include "mg_ffn.h"

#define MG_FAMILY ffn
#define MG_LIST "ffn/ffn.def"
#include "table.tmpl.h"
