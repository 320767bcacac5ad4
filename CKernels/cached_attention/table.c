/* The variants of cached_attention, in the order of cached_attention.def. */
#include "mg_cached_attention.h"

#define MG_VARIANT(name) extern const mg_variant mg_cached_attention_##name;
#include "cached_attention.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_cached_attention_##name,
static const mg_variant *const variants[] = {
#include "cached_attention.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_cached_attention_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
