/* decode.tmpl.h with 4 lanes and the tiles of AVX-512, as there are 32 registers too. Needs NEON, which every 64-bit
   Arm has. Refuses more than 8 queries, which flash__neon is for. Dao et al. 2023, "Flash-Decoding". */
#if defined(__aarch64__)
#include "functions/neon.h"

#include "decode.tmpl.h"

const mg_kernel mg_attention_decode__neon = {
    .refuses = decode_refuses,
    .workspace_bytes = decode_workspace,
    .run = decode,
};
#endif
