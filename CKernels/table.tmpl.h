/* The table of a family's variants, made of its list. Before: include the family's header, define MG_FAMILY, its name,
   and MG_LIST, the file with a line for each variant: MG_VARIANT(name, kind, needs, story). That file is read twice,
   for the declarations of the kernels and for the rows. */
#define MG_JOIN(a, b) a##b
#define MG_JOINED(a, b) MG_JOIN(a, b)
#define MG_KERNEL(name) MG_JOINED(MG_JOINED(mg_, MG_FAMILY), _##name)

#define MG_VARIANT(name, kind, needs, story) extern const mg_kernel MG_KERNEL(name);
#include MG_LIST
#undef MG_VARIANT

#define MG_VARIANT(name, kind, needs, story) {#name, kind, needs, story, &MG_KERNEL(name)},
static const mg_variant variants[] = {
#include MG_LIST
    {NULL, MG_SIMD, 0, NULL, NULL}};
#undef MG_VARIANT

const mg_variant *MG_KERNEL(variants)(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}
