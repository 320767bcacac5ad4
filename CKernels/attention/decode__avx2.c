/* decode.tmpl.h with 8 lanes: tiles of 4 query rows x 2 keys, or of one row x 8 keys, for 16 registers. A cache that
   does not fit the machine's comes in as fast as with AVX-512. Needs AVX2 and FMA. Loses to decode__avx512 where the
   group of heads is large enough to be limited by arithmetic; refuses more than 8 queries. Dao et al. 2023,
   "Flash-Decoding".
 */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
#include "decode.tmpl.h"
MG_UNTARGET

const mg_kernel mg_attention_decode__avx2 = {
    .refuses = decode_refuses,
    .workspace_bytes = decode_workspace,
    .run = decode,
};
#endif
