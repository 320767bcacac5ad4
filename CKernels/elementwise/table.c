/* The variants of elementwise, in the order of elementwise.def. */
#include "mg_elementwise.h"

#define MG_VARIANT(name) extern const mg_variant mg_elementwise_##name;
#include "elementwise.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_elementwise_##name,
static const mg_variant *const variants[] = {
#include "elementwise.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_elementwise_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
