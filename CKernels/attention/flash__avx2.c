/* flash.tmpl.h with 8 lanes and 16 queries a block: 16 registers hold a 4 x 16 tile with its operands, 6 loads for 8
   multiply-adds. The same peak as AVX-512 where that is carried out in two halves, for twice the instructions. Needs
   AVX2 and FMA. Loses below 8 queries, where lanes stay empty: decode__avx2 is for those. */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
#include "flash.tmpl.h"
MG_UNTARGET

const mg_kernel mg_attention_flash__avx2 = {
    .refuses = attention_refuses_halves,
    .workspace_bytes = flash_workspace,
    .run = flash,
};
#endif
