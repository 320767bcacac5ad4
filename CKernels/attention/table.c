/* The variants of attention, in the order of attention.def. */
#include "mg_attention.h"

#define MG_VARIANT(name) extern const mg_variant mg_attention_##name;
#include "attention.def"
#undef MG_VARIANT

#define MG_VARIANT(name) &mg_attention_##name,
static const mg_variant *const variants[] = {
#include "attention.def"
    NULL};
#undef MG_VARIANT

const mg_variant *const *mg_attention_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
