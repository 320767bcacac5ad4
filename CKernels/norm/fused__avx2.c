/* fused.h with 8 lanes, for every x86 CPU since 2013. Needs AVX2 and FMA; tails by masked loads and stores, slow on AMD
 * but once a row. */
#if defined(__x86_64__)
#include "../softmax/lanes_avx2.h"

MG_TARGET_AVX2
#include "fused.h"
MG_UNTARGET

const mg_variant mg_norm_fused__avx2 = {
    .name = "fused__avx2",
    .kind = MG_FUSED,
    .needs = MG_AVX2 | MG_FMA,
    .story = "residual added while the row is read for its mean; s is stored once and stays in L1",
    .run = fused,
};
#endif
