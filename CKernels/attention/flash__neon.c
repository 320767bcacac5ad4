/* flash.tmpl.h with 4 lanes and 12 queries a block: 32 registers hold an 8 x 12 tile. Needs NEON, which every 64-bit
   Arm has. Loses below 4 queries, where lanes stay empty: decode__neon is for those. */
#if defined(__aarch64__)
#include "functions/neon.h"

#include "flash.tmpl.h"

const mg_kernel mg_attention_flash__neon = {
    .refuses = attention_refuses_halves,
    .workspace_bytes = flash_workspace,
    .run = flash,
};
#endif
