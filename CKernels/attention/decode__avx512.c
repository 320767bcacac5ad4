/* decode.tmpl.h with 16 lanes: tiles of 4 query rows x 4 keys, or of one row x 16 keys, which end in 16 sums across
   lanes at once, and of 4 rows x 64 of dim. Against flash__avx512, whose lanes are queries, none stays empty for a
   single query, and one head is work for all workers. Needs AVX-512 F, BW, DQ and VL. Refuses more than 8 queries: with
   as many rows the sums across lanes cost more than flash's transposition. Dao et al. 2023, "Flash-Decoding". */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
#include "decode.tmpl.h"
MG_UNTARGET

const mg_kernel mg_attention_decode__avx512 = {
    .refuses = decode_refuses,
    .workspace_bytes = decode_workspace,
    .run = decode,
};
#endif
