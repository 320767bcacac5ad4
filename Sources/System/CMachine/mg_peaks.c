#include "mg_peaks.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* MARK: fixed costs */

void mg_empty_task(const void *arguments, const mg_work *work) {
    (void)arguments;
    (void)work;
}

void mg_barriers(const void *loops, const mg_work *work) {
    for (int64_t loop = *(const int64_t *)loops; loop > 0; loop--)
        mg_work_wait(work);
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

/* MARK: arithmetic. Enough accumulators to cover the latency of the instruction on two pipes; assembly, so that no
   compiler folds or reorders it. The registers are zeroed first: a denormal left behind would slow some processors. */

#if defined(__x86_64__)

#define MG_LOW_REGISTERS                                                                                               \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",         \
        "xmm13", "xmm14", "xmm15"

/* The loop is within the assembly, so that the compiler has no say in the registers between two rounds.
   .irp repeats its body for each accumulator \r. */
#define MG_VECTOR_PROBE(name, clear, accumulators, instruction)                                                        \
    static void name(const void *loops, const mg_work *work) {                                                         \
        (void)work;                                                                                                    \
        int64_t left = *(const int64_t *)loops;                                                                        \
        __asm__ volatile("vzeroall\n\t" clear "1:\n\t"                                                                 \
                         ".irp r, " accumulators "\n\t" instruction "\n\t.endr\n\t"                                    \
                         ".irp r, " accumulators "\n\t" instruction "\n\t.endr\n\t"                                    \
                         "dec %0\n\tjnz 1b\n\tvzeroall"                                                                \
                         : "+r"(left)::"cc", MG_LOW_REGISTERS);                                                        \
    }

#define MG_SIXTEEN "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"
#define MG_FOURTEEN "0,1,2,3,4,5,6,7,8,9,10,11,12,13"
#define MG_CLEAR_ZMM "vpxord %%zmm30, %%zmm30, %%zmm30\n\tvpxord %%zmm31, %%zmm31, %%zmm31\n\t"

/* Sixteen registers: fourteen accumulators and two operands. */
MG_VECTOR_PROBE(fma_avx2, "", MG_FOURTEEN, "vfmadd231ps %%ymm14, %%ymm15, %%ymm\\r")
MG_VECTOR_PROBE(int8_avxvnni, "", MG_FOURTEEN, "%{vex%} vpdpbusd %%ymm14, %%ymm15, %%ymm\\r")
MG_VECTOR_PROBE(fma_avx512, MG_CLEAR_ZMM, MG_SIXTEEN, "vfmadd231ps %%zmm30, %%zmm31, %%zmm\\r")
MG_VECTOR_PROBE(bf16_avx512, MG_CLEAR_ZMM, MG_SIXTEEN, "vdpbf16ps %%zmm30, %%zmm31, %%zmm\\r")
MG_VECTOR_PROBE(int8_avx512, MG_CLEAR_ZMM, MG_SIXTEEN, "vpdpbusd %%zmm30, %%zmm31, %%zmm\\r")

/* The baseline has no fused multiply-add: multiplications and additions of their own, seven each. */
static void mul_add_sse2(const void *loops, const mg_work *work) {
    (void)work;
    int64_t left = *(const int64_t *)loops;
    __asm__ volatile(".irp r, " MG_SIXTEEN "\n\txorps %%xmm\\r, %%xmm\\r\n\t.endr\n\t"
                     "1:\n\t"
                     ".irp r, 0,2,4,6,8,10,12\n\tmulps %%xmm15, %%xmm\\r\n\t.endr\n\t"
                     ".irp r, 1,3,5,7,9,11,13\n\taddps %%xmm15, %%xmm\\r\n\t.endr\n\t"
                     "dec %0\n\tjnz 1b"
                     : "+r"(left)::"cc", MG_LOW_REGISTERS);
}

static const mg_compute_probe probes[] = {
    {"multiply and add f32 sse2", MG_SSE2, 14 * 4, mul_add_sse2},
    {"FMA f32 avx2", MG_AVX2 | MG_FMA, 28 * 8 * 2, fma_avx2},
    {"FMA f32 avx512", MG_AVX512, 32 * 16 * 2, fma_avx512},
    {"dot bf16 avx512", MG_AVX512 | MG_AVX512_BF16, 32 * 32 * 2, bf16_avx512},
    {"dot int8 avxvnni", MG_AVX2 | MG_AVX_VNNI, 28 * 32 * 2, int8_avxvnni},
    {"dot int8 avx512", MG_AVX512 | MG_AVX512_VNNI, 32 * 64 * 2, int8_avx512},
};

#elif defined(__aarch64__)

/* Sixteen accumulators, v0 to v7 and v16 to v23: v8 to v15 belong to the caller. */
#define MG_NEON_PROBE(name, instruction)                                                                               \
    static void name(const void *loops, const mg_work *work) {                                                         \
        (void)work;                                                                                                    \
        int64_t left = *(const int64_t *)loops;                                                                        \
        __asm__ volatile(".irp r, 0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23,30,31\n\tmovi v\\r\\().4s, #0\n\t.endr\n\t"  \
                         "1:\n\t.irp r, 0,1,2,3,4,5,6,7,16,17,18,19,20,21,22,23\n\t" instruction "\n\t.endr\n\t"       \
                         "subs %0, %0, #1\n\tb.ne 1b"                                                                  \
                         : "+r"(left)::"cc", "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18",      \
                           "v19", "v20", "v21", "v22", "v23", "v30", "v31");                                           \
    }

MG_NEON_PROBE(fma_neon, "fmla v\\r\\().4s, v30.4s, v31.4s")
#pragma clang attribute push(__attribute__((target("dotprod,bf16"))), apply_to = function)
MG_NEON_PROBE(bf16_neon, "bfdot v\\r\\().4s, v30.8h, v31.8h")
MG_NEON_PROBE(int8_neon, "sdot v\\r\\().4s, v30.16b, v31.16b")
#pragma clang attribute pop

static const mg_compute_probe probes[] = {
    {"FMA f32 neon", MG_NEON, 16 * 4 * 2, fma_neon},
    {"dot bf16 neon", MG_NEON | MG_ARM_BF16, 16 * 8 * 2, bf16_neon},
    {"dot int8 neon", MG_NEON | MG_DOTPROD, 16 * 16 * 2, int8_neon},
};

#endif

const mg_compute_probe *mg_compute_probes(int32_t *count) {
#if defined(__x86_64__) || defined(__aarch64__)
    *count = (int32_t)(sizeof probes / sizeof probes[0]);
    return probes;
#else
    *count = 0;
    return NULL;
#endif
}

/* MARK: bandwidth. One body, written with the compiler's own vectors, compiled for three widths. A worker goes over its
   share as four streams, and where it only reads as eight: a single sequential stream does not fill the memory pipeline
   of one core. On an Intel VM 1, 2, 4 and 8 streams read 16, 18, 19.4 and 20 GB/s. */

typedef float mg_v4 __attribute__((vector_size(16), aligned(4)));
typedef float mg_v8 __attribute__((vector_size(32), aligned(4)));
typedef float mg_v16 __attribute__((vector_size(64), aligned(4)));

enum kind { READ, COPY, TRIAD };

#define MG_LOAD(from) (*(const vector *)(from))
#define MG_STORE(to, value) (*(vector *)(to) = (value))

#define MG_STREAMS(suffix, type, attribute)                                                                            \
    attribute static inline                                                                                            \
        __attribute__((always_inline)) void body_##suffix(const mg_stream *s, const mg_work *work, enum kind kind) {   \
        typedef type vector;                                                                                           \
        enum { LANES = sizeof(vector) / 4 };                                                                           \
        const int streams = kind == READ ? 8 : 4;                                                                      \
        const int64_t share = s->count / work->count, from = share * work->index, part = share / streams;              \
        const float *a = s->a + from;                                                                                  \
        float *b = s->b + from, *c = s->c + from;                                                                      \
        vector sums[8] = {{0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}};                                                     \
        for (int64_t loop = 0; loop < s->loops; loop++) {                                                              \
            for (int64_t i = 0; i < part; i += LANES) {                                                                \
                _Pragma("clang loop unroll(full)") for (int stream = 0; stream < streams; stream++) {                  \
                    const int64_t at = i + stream * part;                                                              \
                    if (kind == READ)                                                                                  \
                        sums[stream] += MG_LOAD(a + at);                                                               \
                    else if (kind == COPY)                                                                             \
                        MG_STORE(b + at, MG_LOAD(a + at));                                                             \
                    else                                                                                               \
                        MG_STORE(c + at, MG_LOAD(a + at) * 3.0f + MG_LOAD(b + at));                                    \
                }                                                                                                      \
            }                                                                                                          \
            /* The next round must happen, too: whoever reads the memory may be elsewhere. */                          \
            __asm__ volatile("" ::: "memory");                                                                         \
        }                                                                                                              \
        const vector sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));  \
        __asm__ volatile("" ::"r"(&sum) : "memory");                                                                   \
    }                                                                                                                  \
    attribute static void stream_##suffix(const mg_stream *s, const mg_work *work, enum kind kind) {                   \
        if (kind == READ)                                                                                              \
            body_##suffix(s, work, READ);                                                                              \
        else if (kind == COPY)                                                                                         \
            body_##suffix(s, work, COPY);                                                                              \
        else                                                                                                           \
            body_##suffix(s, work, TRIAD);                                                                             \
    }

#if defined(__x86_64__)
MG_STREAMS(sse, mg_v4, )
MG_STREAMS(avx2, mg_v8, __attribute__((target("avx2,fma"))))
MG_STREAMS(avx512, mg_v16, __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,fma"))))

static void stream(const void *arguments, const mg_work *work, enum kind kind) {
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
MG_STREAMS(narrow, mg_v4, )

static void stream(const void *arguments, const mg_work *work, enum kind kind) { stream_narrow(arguments, work, kind); }
#endif

void mg_stream_read(const void *arguments, const mg_work *work) { stream(arguments, work, READ); }
void mg_stream_copy(const void *arguments, const mg_work *work) { stream(arguments, work, COPY); }
void mg_stream_triad(const void *arguments, const mg_work *work) { stream(arguments, work, TRIAD); }

/* Sixteen bytes at a time suffice: the stores leave through the write-combining buffers, a whole line each. */
void mg_stream_triad_past_caches(const void *arguments, const mg_work *work) {
#if defined(__x86_64__)
    const mg_stream *s = arguments;
    const int64_t share = s->count / work->count, from = share * work->index;
    const float *a = s->a + from, *b = s->b + from;
    float *c = s->c + from;
    const __m128 three = _mm_set1_ps(3.0f);
    for (int64_t loop = 0; loop < s->loops; loop++) {
        for (int64_t i = 0; i < share; i += 4)
            _mm_stream_ps(c + i, _mm_add_ps(_mm_mul_ps(_mm_loadu_ps(a + i), three), _mm_loadu_ps(b + i)));
        _mm_sfence();
    }
#else
    stream(arguments, work, TRIAD);
#endif
}
