/* direct.tmpl.h with 8 lanes. */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
MG_INLINE mg_lanes direct_halves(const uint16_t *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}
MG_INLINE mg_lanes direct_bytes(const int8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
#include "direct.tmpl.h"
MG_UNTARGET

const mg_kernel mg_cached_attention_direct__avx2 = {
    .workspace_bytes = direct_workspace_bytes,
    .run = direct_run,
};
#endif
