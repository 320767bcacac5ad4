/* The table of quantized_matmul: quantized_matmul.def, mg_quantized_matmul.h and plugin.c.txt. */
#include "mg_quantized_matmul.h"

#define MG_FAMILY quantized_matmul
#define MG_LIST "quantized_matmul/quantized_matmul.def"
#include "table.tmpl.h"
