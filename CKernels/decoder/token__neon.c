/* token.h with 4 lanes. */
#if defined(__aarch64__)
#include "functions/neon.h"

MG_INLINE mg_lanes token_halves(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
MG_INLINE mg_lanes token_bytes(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, 4);
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four))))));
}
#include "token.h"

extern const mg_token_variant mg_token__neon;
const mg_token_variant mg_token__neon = {
    .name = "token__neon", .needs = MG_NEON, .attend = token_attend, .merge = token_merge};
#endif
