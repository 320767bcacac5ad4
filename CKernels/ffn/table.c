/* The table of ffn: ffn.def, mg_ffn.h and plugin.c.txt. */
#include "mg_ffn.h"

#define MG_FAMILY ffn
#define MG_LIST "ffn/ffn.def"
#include "table.tmpl.h"
