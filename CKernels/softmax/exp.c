/* The vector exponentials as whole-array functions: what the exhaustive test and the probes call. */
#include "mg_softmax.h"

#if defined(__x86_64__)
#include "mg_exp_avx2.h"
#include "mg_exp_avx512.h"

MG_TARGET_AVX512
static void exp__avx512(const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(out + i, mg_exp__avx512(_mm512_loadu_ps(x + i)));
    __mmask16 rest = (__mmask16)((1u << (count - i)) - 1);
    _mm512_mask_storeu_ps(out + i, rest, mg_exp__avx512(_mm512_maskz_loadu_ps(rest, x + i)));
}

static void exp_nonpositive__avx512(const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 16 <= count; i += 16)
        _mm512_storeu_ps(out + i, mg_exp_nonpositive__avx512(_mm512_loadu_ps(x + i)));
    __mmask16 rest = (__mmask16)((1u << (count - i)) - 1);
    _mm512_mask_storeu_ps(out + i, rest, mg_exp_nonpositive__avx512(_mm512_maskz_loadu_ps(rest, x + i)));
}
MG_UNTARGET

MG_TARGET_AVX2
static void exp__avx2(const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(out + i, mg_exp__avx2(_mm256_loadu_ps(x + i)));
    float last[8] = {0};
    __builtin_memcpy(last, x + i, (size_t)(count - i) * sizeof(float));
    _mm256_storeu_ps(last, mg_exp__avx2(_mm256_loadu_ps(last)));
    __builtin_memcpy(out + i, last, (size_t)(count - i) * sizeof(float));
}

static void exp_nonpositive__avx2(const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(out + i, mg_exp_nonpositive__avx2(_mm256_loadu_ps(x + i)));
    float last[8] = {0};
    __builtin_memcpy(last, x + i, (size_t)(count - i) * sizeof(float));
    _mm256_storeu_ps(last, mg_exp_nonpositive__avx2(_mm256_loadu_ps(last)));
    __builtin_memcpy(out + i, last, (size_t)(count - i) * sizeof(float));
}
MG_UNTARGET
#endif

#if defined(__aarch64__)
#include "mg_exp_neon.h"

static void exp__neon(const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        vst1q_f32(out + i, mg_exp__neon(vld1q_f32(x + i)));
    float last[4] = {0};
    __builtin_memcpy(last, x + i, (size_t)(count - i) * sizeof(float));
    vst1q_f32(last, mg_exp__neon(vld1q_f32(last)));
    __builtin_memcpy(out + i, last, (size_t)(count - i) * sizeof(float));
}

static void exp_nonpositive__neon(const float *x, float *out, int64_t count) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4)
        vst1q_f32(out + i, mg_exp_nonpositive__neon(vld1q_f32(x + i)));
    float last[4] = {0};
    __builtin_memcpy(last, x + i, (size_t)(count - i) * sizeof(float));
    vst1q_f32(last, mg_exp_nonpositive__neon(vld1q_f32(last)));
    __builtin_memcpy(out + i, last, (size_t)(count - i) * sizeof(float));
}
#endif

static const mg_exp_variant exps[] = {
#if defined(__x86_64__)
    {"exp__avx512", MG_AVX512, __builtin_inff(), exp__avx512},
    {"exp_nonpositive__avx512", MG_AVX512, 0, exp_nonpositive__avx512},
    {"exp__avx2", MG_AVX2 | MG_FMA, __builtin_inff(), exp__avx2},
    {"exp_nonpositive__avx2", MG_AVX2 | MG_FMA, 0, exp_nonpositive__avx2},
#endif
#if defined(__aarch64__)
    {"exp__neon", MG_NEON, __builtin_inff(), exp__neon},
    {"exp_nonpositive__neon", MG_NEON, 0, exp_nonpositive__neon},
#endif
    {NULL, 0, 0, NULL}};

const mg_exp_variant *mg_exp_variants(int32_t *count) {
    *count = (int32_t)(sizeof exps / sizeof exps[0]) - 1;
    return exps;
}
