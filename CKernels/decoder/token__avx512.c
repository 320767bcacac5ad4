/* token.h with 16 lanes: a score tile is 16 keys, whose 16 sums across lanes end at once. */
#if defined(__x86_64__)
#include "functions/avx512.h"

MG_TARGET_AVX512
MG_INLINE mg_lanes token_halves(const uint16_t *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
MG_INLINE mg_lanes token_bytes(const int8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
#include "token.h"
MG_UNTARGET

extern const mg_token_variant mg_token__avx512;
const mg_token_variant mg_token__avx512 = {
    .name = "token__avx512", .needs = MG_AVX512, .attend = token_attend, .merge = token_merge};
#endif
