/* The variants of norm, in the order of norm.def. */
#include "mg_norm.h"

#define MG_VARIANT(name) extern const mg_variant mg_norm_##name;
#include "norm.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_norm_##name,
static const mg_variant *const variants[] = {
#include "norm.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_norm_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
