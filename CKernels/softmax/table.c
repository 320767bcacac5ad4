/* The variants of softmax, in the order of softmax.def. */
#include "mg_softmax.h"

#define MG_VARIANT(name) extern const mg_variant mg_softmax_##name;
#include "softmax.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_softmax_##name,
static const mg_variant *const variants[] = {
#include "softmax.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_softmax_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
