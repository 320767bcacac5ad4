/* direct.h with 8 lanes. */
#if defined(__x86_64__)
#include "../attention/lanes_avx2.h"

MG_TARGET_AVX2
MG_INLINE mg_lanes direct_halves(const uint16_t *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}
MG_INLINE mg_lanes direct_bytes(const int8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
#include "direct.h"
MG_UNTARGET

const mg_variant mg_cached_attention_direct__avx2 = {
    .name = "direct__avx2",
    .kind = MG_FUSED,
    .needs = MG_AVX2 | MG_FMA,
    .story = "reads the cache as it is stored, by chunks of the keys of a row and kv head",
    .workspace_bytes = direct_workspace_bytes,
    .run = direct_run,
};
#endif
