/* direct.tmpl.h with 16 lanes: a tile of scores is 16 keys, whose 16 sums across lanes end at once. */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
MG_INLINE mg_lanes direct_halves(const uint16_t *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
MG_INLINE mg_lanes direct_bytes(const int8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
#include "direct.tmpl.h"
MG_UNTARGET

const mg_kernel mg_cached_attention_direct__avx512 = {
    .workspace_bytes = direct_workspace_bytes,
    .run = direct_run,
};
#endif
