/* What a family hands to the program: the table made of its list, and its texts. Before: include the family's header,
   define MG_FAMILY, its name, and MG_LIST, the file with a line for each variant: MG_VARIANT(name, kind, needs, story).
   That file is read twice, for the declarations of the kernels and for the rows. */
#include "embed.h"

#define MG_JOIN(a, b) a##b
#define MG_JOINED(a, b) MG_JOIN(a, b)
#define MG_QUOTE(text) #text
#define MG_QUOTED(text) MG_QUOTE(text)
#define MG_OF_FAMILY(name) MG_JOINED(MG_JOINED(mg_, MG_FAMILY), name)

#define MG_VARIANT(name, kind, needs, story) extern const mg_kernel MG_OF_FAMILY(_##name);
#include MG_LIST
#undef MG_VARIANT

#define MG_VARIANT(name, kind, needs, story) {#name, kind, needs, story, &MG_OF_FAMILY(_##name)},
static const mg_variant variants[] = {
#include MG_LIST
    {NULL, MG_SIMD, 0, NULL, NULL}};
#undef MG_VARIANT

MG_EMBED(mg_header_text, "mg_" MG_QUOTED(MG_FAMILY) ".h");
MG_EMBED(mg_plugin_text, MG_QUOTED(MG_FAMILY) "/plugin.c.txt");

const mg_family *MG_OF_FAMILY(_family)(void) {
    static const mg_family family = {.name = MG_QUOTED(MG_FAMILY),
                                     .argument_bytes = sizeof(MG_OF_FAMILY()),
                                     .variants = variants,
                                     .count = (int32_t)(sizeof variants / sizeof variants[0]) - 1,
                                     .header = mg_header_text,
                                     .plugin = mg_plugin_text};
    return &family;
}
