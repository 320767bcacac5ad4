/* The assembler copies the files in, found in the same folders as for #include; the #includes below also tell the build
   that this file depends on them. */
#include "mg_headers.h"

#include "mg_attention.h"
#include "mg_cpu.h"
#include "mg_elementwise.h"
#include "mg_ffn.h"
#include "mg_matmul.h"
#include "mg_norm.h"
#include "mg_plugin.h"
#include "mg_quantized_matmul.h"
#include "mg_softmax.h"
#include "mg_variant.h"
#include "mg_work.h"

#define MG_EMBED(symbol, file)                                                                                         \
    __asm__(".pushsection .rodata\n" #symbol ":\n.incbin \"" file "\"\n.byte 0\n.popsection\n");                       \
    extern const char symbol[] __attribute__((visibility("hidden")))

MG_EMBED(mg_text_attention, "mg_attention.h");
MG_EMBED(mg_text_cpu, "mg_cpu.h");
MG_EMBED(mg_text_ffn, "mg_ffn.h");
MG_EMBED(mg_text_matmul, "mg_matmul.h");
MG_EMBED(mg_text_norm, "mg_norm.h");
MG_EMBED(mg_text_plugin, "mg_plugin.h");
MG_EMBED(mg_text_quantized_matmul, "mg_quantized_matmul.h");
MG_EMBED(mg_text_softmax, "mg_softmax.h");
MG_EMBED(mg_text_elementwise, "mg_elementwise.h");
MG_EMBED(mg_text_variant, "mg_variant.h");
MG_EMBED(mg_text_work, "mg_work.h");

const mg_header *mg_headers(int32_t *count) {
    static const mg_header headers[] = {
        {"mg_plugin.h", mg_text_plugin},
        {"mg_variant.h", mg_text_variant},
        {"mg_cpu.h", mg_text_cpu},
        {"mg_work.h", mg_text_work},
        {"mg_matmul.h", mg_text_matmul},
        {"mg_softmax.h", mg_text_softmax},
        {"mg_elementwise.h", mg_text_elementwise},
        {"mg_attention.h", mg_text_attention},
        {"mg_ffn.h", mg_text_ffn},
        {"mg_quantized_matmul.h", mg_text_quantized_matmul},
        {"mg_norm.h", mg_text_norm},
    };
    *count = (int32_t)(sizeof headers / sizeof *headers);
    return headers;
}
