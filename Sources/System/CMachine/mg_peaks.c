#include "mg_peaks.h"

#include <stddef.h>

void mg_empty_task(const void *arguments, const mg_work *work) {
    (void)arguments;
    (void)work;
}

void mg_dependent_adds(const void *loops, const mg_work *work) {
    (void)work;
    uint64_t x = 1;
    for (int64_t loop = *(const int64_t *)loops; loop > 0; loop--) {
#if defined(__x86_64__)
        /* A register operand: an immediate would let Zen 4 and later eliminate the addition at rename. */
        __asm__ volatile(".rept 64\n\tadd %1, %0\n\t.endr" : "+r"(x) : "r"(loop));
#elif defined(__aarch64__)
        __asm__ volatile(".rept 64\n\tadd %0, %0, %1\n\t.endr" : "+r"(x) : "r"(loop));
#else
        for (int i = 0; i < 64; i++)
            __asm__ volatile("" : "+r"(x));
#endif
    }
}

/* MARK: arithmetic. Sixteen accumulators cover the latency of any of these instructions; assembly, so that no compiler
   folds or reorders them. The registers start as whatever they hold: the operands are zeroed, so no value grows. */

#if defined(__x86_64__)

#define MG_SIXTEEN(op, r)                                                                                              \
    op " %%" r "30, %%" r "31, %%" r "0\n\t" op " %%" r "30, %%" r "31, %%" r "1\n\t" op " %%" r "30, %%" r "31, %%" r \
       "2\n\t" op " %%" r "30, %%" r "31, %%" r "3\n\t" op " %%" r "30, %%" r "31, %%" r "4\n\t" op " %%" r "30, %%" r \
       "31, %%" r "5\n\t" op " %%" r "30, %%" r "31, %%" r "6\n\t" op " %%" r "30, %%" r "31, %%" r "7\n\t" op " %%" r \
       "30, %%" r "31, %%" r "8\n\t" op " %%" r "30, %%" r "31, %%" r "9\n\t" op " %%" r "30, %%" r "31, %%" r         \
       "10\n\t" op " %%" r "30, %%" r "31, %%" r "11\n\t" op " %%" r "30, %%" r "31, %%" r "12\n\t" op " %%" r         \
       "30, %%" r "31, %%" r "13\n\t" op " %%" r "30, %%" r "31, %%" r "14\n\t" op " %%" r "30, %%" r "31, %%" r       \
       "15\n\t"

#define MG_ZMM_PROBE(name, op)                                                                                         \
    static void name(const void *loops, const mg_work *work) {                                                         \
        (void)work;                                                                                                    \
        __asm__ volatile("vpxord %%zmm30, %%zmm30, %%zmm30\n\tvpxord %%zmm31, %%zmm31, %%zmm31" ::: "memory");         \
        for (int64_t loop = *(const int64_t *)loops; loop > 0; loop--) {                                               \
            __asm__ volatile(MG_SIXTEEN(op, "zmm") MG_SIXTEEN(op, "zmm")::                                             \
                                 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",     \
                                   "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");                              \
        }                                                                                                              \
        __asm__ volatile("vzeroupper");                                                                                \
    }

MG_ZMM_PROBE(fma_avx512, "vfmadd231ps")
MG_ZMM_PROBE(bf16_avx512, "vdpbf16ps")
MG_ZMM_PROBE(int8_avx512, "vpdpbusd")

/* AVX2 has sixteen registers: twelve accumulators and two operands. */
#define MG_TWELVE(op)                                                                                                  \
    op " %%ymm14, %%ymm15, %%ymm0\n\t" op " %%ymm14, %%ymm15, %%ymm1\n\t" op " %%ymm14, %%ymm15, %%ymm2\n\t" op        \
       " %%ymm14, %%ymm15, %%ymm3\n\t" op " %%ymm14, %%ymm15, %%ymm4\n\t" op " %%ymm14, %%ymm15, %%ymm5\n\t" op        \
       " %%ymm14, %%ymm15, %%ymm6\n\t" op " %%ymm14, %%ymm15, %%ymm7\n\t" op " %%ymm14, %%ymm15, %%ymm8\n\t" op        \
       " %%ymm14, %%ymm15, %%ymm9\n\t" op " %%ymm14, %%ymm15, %%ymm10\n\t" op " %%ymm14, %%ymm15, %%ymm11\n\t"

static void fma_avx2(const void *loops, const mg_work *work) {
    (void)work;
    __asm__ volatile("vpxor %%ymm14, %%ymm14, %%ymm14\n\tvpxor %%ymm15, %%ymm15, %%ymm15" ::
                         : "memory", "xmm14", "xmm15");
    for (int64_t loop = *(const int64_t *)loops; loop > 0; loop--) {
        __asm__ volatile(MG_TWELVE("vfmadd231ps") MG_TWELVE("vfmadd231ps")::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                               "xmm11");
    }
    __asm__ volatile("vzeroupper");
}

/* The baseline: no fused multiply-add, so six multiplications and six additions a round. */
static void mul_add_sse2(const void *loops, const mg_work *work) {
    (void)work;
    __asm__ volatile("xorps %%xmm15, %%xmm15" ::: "xmm15");
    for (int64_t loop = *(const int64_t *)loops; loop > 0; loop--) {
        __asm__ volatile("mulps %%xmm15, %%xmm0\n\taddps %%xmm15, %%xmm1\n\t"
                         "mulps %%xmm15, %%xmm2\n\taddps %%xmm15, %%xmm3\n\t"
                         "mulps %%xmm15, %%xmm4\n\taddps %%xmm15, %%xmm5\n\t"
                         "mulps %%xmm15, %%xmm6\n\taddps %%xmm15, %%xmm7\n\t"
                         "mulps %%xmm15, %%xmm8\n\taddps %%xmm15, %%xmm9\n\t"
                         "mulps %%xmm15, %%xmm10\n\taddps %%xmm15, %%xmm11" ::
                             : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                               "xmm11");
    }
}

static const mg_compute_probe probes[] = {
    {"multiply and add f32 sse2", MG_SSE2, 12 * 4, mul_add_sse2},
    {"FMA f32 avx2", MG_AVX2 | MG_FMA, 24 * 8 * 2, fma_avx2},
    {"FMA f32 avx512", MG_AVX512, 32 * 16 * 2, fma_avx512},
    {"dot bf16 avx512", MG_AVX512 | MG_AVX512_BF16, 32 * 32 * 2, bf16_avx512},
    {"dot int8 avx512", MG_AVX512 | MG_AVX512_VNNI, 32 * 64 * 2, int8_avx512},
};

#elif defined(__aarch64__)

static void fma_neon(const void *loops, const mg_work *work) {
    (void)work;
    __asm__ volatile("movi v30.4s, #0\n\tmovi v31.4s, #0" ::: "v30", "v31");
    for (int64_t loop = *(const int64_t *)loops; loop > 0; loop--) {
        __asm__ volatile("fmla v0.4s, v30.4s, v31.4s\n\tfmla v1.4s, v30.4s, v31.4s\n\t"
                         "fmla v2.4s, v30.4s, v31.4s\n\tfmla v3.4s, v30.4s, v31.4s\n\t"
                         "fmla v4.4s, v30.4s, v31.4s\n\tfmla v5.4s, v30.4s, v31.4s\n\t"
                         "fmla v6.4s, v30.4s, v31.4s\n\tfmla v7.4s, v30.4s, v31.4s\n\t"
                         "fmla v16.4s, v30.4s, v31.4s\n\tfmla v17.4s, v30.4s, v31.4s\n\t"
                         "fmla v18.4s, v30.4s, v31.4s\n\tfmla v19.4s, v30.4s, v31.4s\n\t"
                         "fmla v20.4s, v30.4s, v31.4s\n\tfmla v21.4s, v30.4s, v31.4s\n\t"
                         "fmla v22.4s, v30.4s, v31.4s\n\tfmla v23.4s, v30.4s, v31.4s" ::
                             : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20", "v21",
                               "v22", "v23");
    }
}

static const mg_compute_probe probes[] = {{"FMA f32 neon", MG_NEON, 16 * 4 * 2, fma_neon}};

#endif

const mg_compute_probe *mg_compute_probes(int32_t *count) {
    *count = (int32_t)(sizeof probes / sizeof probes[0]);
    return probes;
}

/* MARK: bandwidth. One body, written with the compiler's own vectors, compiled for three widths. A worker reads its
   share as four streams: a single sequential stream does not fill the memory pipeline of one core. */

typedef float mg_v4 __attribute__((vector_size(16), aligned(4)));
typedef float mg_v8 __attribute__((vector_size(32), aligned(4)));
typedef float mg_v16 __attribute__((vector_size(64), aligned(4)));

enum { READ, COPY, TRIAD };

#define MG_STREAMS(suffix, vector, attribute)                                                                          \
    attribute static void stream_##suffix(const mg_stream *s, const mg_work *work, int kind) {                         \
        enum { LANES = sizeof(vector) / 4 };                                                                           \
        int64_t share = s->count / work->count, from = share * work->index, quarter = share / 4;                       \
        const float *a = s->a + from;                                                                                  \
        float *b = s->b + from, *c = s->c + from;                                                                      \
        for (int64_t loop = 0; loop < s->loops; loop++) {                                                              \
            vector sum0 = {0}, sum1 = {0}, sum2 = {0}, sum3 = {0};                                                     \
            for (int64_t i = 0; i < quarter; i += LANES) {                                                             \
                const vector x0 = *(const vector *)(a + i), x1 = *(const vector *)(a + i + quarter);                   \
                const vector x2 = *(const vector *)(a + i + 2 * quarter), x3 = *(const vector *)(a + i + 3 * quarter); \
                if (kind == READ) {                                                                                    \
                    sum0 += x0, sum1 += x1, sum2 += x2, sum3 += x3;                                                    \
                } else if (kind == COPY) {                                                                             \
                    *(vector *)(b + i) = x0, *(vector *)(b + i + quarter) = x1;                                        \
                    *(vector *)(b + i + 2 * quarter) = x2, *(vector *)(b + i + 3 * quarter) = x3;                      \
                } else {                                                                                               \
                    *(vector *)(c + i) = x0 * 3.0f + *(vector *)(b + i);                                               \
                    *(vector *)(c + i + quarter) = x1 * 3.0f + *(vector *)(b + i + quarter);                           \
                    *(vector *)(c + i + 2 * quarter) = x2 * 3.0f + *(vector *)(b + i + 2 * quarter);                   \
                    *(vector *)(c + i + 3 * quarter) = x3 * 3.0f + *(vector *)(b + i + 3 * quarter);                   \
                }                                                                                                      \
            }                                                                                                          \
            sum0 += sum1 + sum2 + sum3;                                                                                \
            float total = 0;                                                                                           \
            for (int lane = 0; lane < LANES; lane++)                                                                   \
                total += sum0[lane];                                                                                   \
            __asm__ volatile("" ::"r"(total) : "memory");                                                              \
        }                                                                                                              \
    }

#if defined(__x86_64__)
MG_STREAMS(sse, mg_v4, )
MG_STREAMS(avx2, mg_v8, __attribute__((target("avx2,fma"))))
MG_STREAMS(avx512, mg_v16, __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma"))))

static void stream(const void *arguments, const mg_work *work, int kind) {
    uint32_t features = mg_cpu_features();
    if (features & MG_AVX512) {
        stream_avx512(arguments, work, kind);
    } else if ((features & (MG_AVX2 | MG_FMA)) == (MG_AVX2 | MG_FMA)) {
        stream_avx2(arguments, work, kind);
    } else {
        stream_sse(arguments, work, kind);
    }
}
#else
MG_STREAMS(neon, mg_v4, )

static void stream(const void *arguments, const mg_work *work, int kind) { stream_neon(arguments, work, kind); }
#endif

void mg_stream_read(const void *arguments, const mg_work *work) { stream(arguments, work, READ); }
void mg_stream_copy(const void *arguments, const mg_work *work) { stream(arguments, work, COPY); }
void mg_stream_triad(const void *arguments, const mg_work *work) { stream(arguments, work, TRIAD); }
