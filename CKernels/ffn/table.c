/* The variants of ffn, in the order of ffn.def. */
#include "mg_ffn.h"

#define MG_VARIANT(name) extern const mg_variant mg_ffn_##name;
#include "ffn.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_ffn_##name,
static const mg_variant *const variants[] = {
#include "ffn.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_ffn_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
