/* The variants of matmul, in the order of matmul.def. */
#include "mg_matmul.h"

#define MG_VARIANT(name) extern const mg_variant mg_matmul_##name;
#include "matmul.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_matmul_##name,
static const mg_variant *const variants[] = {
#include "matmul.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_matmul_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
