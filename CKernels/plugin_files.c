/* The #includes also tell the build that this file depends on them. */
#include "mg_plugin_files.h"

#include "embed.h"
#include "mg_cpu.h"
#include "mg_plugin.h"
#include "mg_tuning.h"
#include "mg_variant.h"
#include "mg_work.h"

MG_EMBED(mg_text_cpu, "mg_cpu.h");
MG_EMBED(mg_text_plugin, "mg_plugin.h");
MG_EMBED(mg_text_tuning, "mg_tuning.h");
MG_EMBED(mg_text_variant, "mg_variant.h");
MG_EMBED(mg_text_work, "mg_work.h");
MG_EMBED(mg_text_makefile, "plugin.mk");

const mg_plugin_file *mg_plugin_headers(int32_t *count) {
    static const mg_plugin_file headers[] = {
        {"mg_plugin.h", mg_text_plugin}, {"mg_variant.h", mg_text_variant}, {"mg_cpu.h", mg_text_cpu},
        {"mg_tuning.h", mg_text_tuning}, {"mg_work.h", mg_text_work},
    };
    *count = (int32_t)(sizeof headers / sizeof *headers);
    return headers;
}

const char *mg_plugin_makefile(void) { return mg_text_makefile; }
