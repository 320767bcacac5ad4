/* token.h with 8 lanes. */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
MG_INLINE mg_lanes token_halves(const uint16_t *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}
MG_INLINE mg_lanes token_bytes(const int8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
#include "token.h"
MG_UNTARGET

extern const mg_token_variant mg_token__avx2;
const mg_token_variant mg_token__avx2 = {
    .name = "token__avx2", .needs = MG_AVX2 | MG_FMA, .attend = token_attend, .merge = token_merge};
#endif
