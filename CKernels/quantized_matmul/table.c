/* The variants of quantized_matmul, in the order of quantized_matmul.def. */
#include "mg_quantized_matmul.h"

#define MG_VARIANT(name) extern const mg_variant mg_quantized_matmul_##name;
#include "quantized_matmul.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_quantized_matmul_##name,
static const mg_variant *const variants[] = {
#include "quantized_matmul.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_quantized_matmul_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
