/* fused.h with 8 lanes, for every x86 CPU since 2013: 16 registers, 2^n put together by integer instructions, tails by
   masked loads and stores, which are slow on AMD but happen once a row. Needs AVX2 and FMA. */
#if defined(__x86_64__)
#include "lanes_avx2.h"

MG_TARGET_AVX2
#include "fused.h"
MG_UNTARGET

const mg_variant mg_softmax_fused__avx2 = {
    .name = "fused__avx2",
    .kind = MG_FUSED,
    .needs = MG_AVX2 | MG_FMA,
    .story = "three passes with scale and causal mask folded in; hidden columns cost nothing",
    .run = fused,
};
#endif
