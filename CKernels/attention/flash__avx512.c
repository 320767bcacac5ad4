/* flash.tmpl.h with 16 lanes and 48 queries a block: an 8 x 48 register tile leaves 24 chains of multiply-adds and
   needs 11 loads for them, and every common head dimension is a multiple of 8. Against rowwise__avx512 each element of
   K and V in a register is used 48 times instead of once. Needs AVX-512 F, BW, DQ and VL. Loses below 16 queries, where
   lanes stay empty: decode__avx512 is for those. */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
#include "flash.tmpl.h"
MG_UNTARGET

const mg_kernel mg_attention_flash__avx512 = {
    .refuses = attention_refuses_halves,
    .workspace_bytes = flash_workspace,
    .run = flash,
};
#endif
