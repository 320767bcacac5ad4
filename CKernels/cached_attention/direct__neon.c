/* direct.tmpl.h with 4 lanes. */
#if defined(__aarch64__)
#include "functions/neon.h"

MG_INLINE mg_lanes direct_halves(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
MG_INLINE mg_lanes direct_bytes(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, 4);
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four))))));
}
#include "direct.tmpl.h"

const mg_kernel mg_cached_attention_direct__neon = {
    .workspace_bytes = direct_workspace_bytes,
    .run = direct_run,
};
#endif
