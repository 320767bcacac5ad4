/* The variants of quantized_matmul, in the order of quantized_matmul.def. */
#include "mg_quantized_matmul.h"

#define MG_FAMILY quantized_matmul
#define MG_LIST "quantized_matmul/quantized_matmul.def"
#include "table.tmpl.h"
