/* The vector activations as whole-array functions: what the accuracy test calls, and the pass after a BLAS call. */
#include <string.h>

#include "mg_ffn.h"

#if defined(__x86_64__)
#include "mg_activation_avx2.h"
#include "mg_activation_avx512.h"

MG_TARGET_AVX512
static void activate__avx512(mg_activation activation, const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(out + i, mg_activate__avx512(_mm512_loadu_ps(x + i), activation));
    __mmask16 rest = (__mmask16)((1u << (count - i)) - 1);
    _mm512_mask_storeu_ps(out + i, rest, mg_activate__avx512(_mm512_maskz_loadu_ps(rest, x + i), activation));
}
MG_UNTARGET

MG_TARGET_AVX2
static void activate__avx2(mg_activation activation, const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(out + i, mg_activate__avx2(_mm256_loadu_ps(x + i), activation));
    float last[8] = {0};
    memcpy(last, x + i, (size_t)(count - i) * sizeof(float));
    _mm256_storeu_ps(last, mg_activate__avx2(_mm256_loadu_ps(last), activation));
    memcpy(out + i, last, (size_t)(count - i) * sizeof(float));
}
MG_UNTARGET
#endif

#if defined(__aarch64__)
#include "mg_activation_neon.h"

static void activate__neon(mg_activation activation, const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        vst1q_f32(out + i, mg_activate__neon(vld1q_f32(x + i), activation));
    float last[4] = {0};
    memcpy(last, x + i, (size_t)(count - i) * sizeof(float));
    vst1q_f32(last, mg_activate__neon(vld1q_f32(last), activation));
    memcpy(out + i, last, (size_t)(count - i) * sizeof(float));
}
#endif

static const mg_activate_variant activates[] = {
#if defined(__x86_64__)
    {"activate__avx512", MG_AVX512, activate__avx512},
    {"activate__avx2", MG_AVX2 | MG_FMA, activate__avx2},
#endif
#if defined(__aarch64__)
    {"activate__neon", MG_NEON, activate__neon},
#endif
    {NULL, 0, NULL}};

const mg_activate_variant *mg_activate_variants(int32_t *count) {
    *count = (int32_t)(sizeof activates / sizeof activates[0]) - 1;
    return activates;
}
