#define _GNU_SOURCE
#include "mg_cpu.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

static uint32_t features;
static char brand[64] = "unknown";
static pthread_once_t once = PTHREAD_ONCE_INIT;

#if defined(__x86_64__)
#include <cpuid.h>

/* The register states that the operating system saves: without them an instruction set must not be used. */
static uint64_t saved_states(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static void detect(void) {
    uint32_t a, b, c, d;
    features = MG_SSE2;
    if (!__get_cpuid(1, &a, &b, &c, &d))
        return;
    int has_xsave = c >> 27 & 1, has_avx = c >> 28 & 1;
    uint32_t leaf1 = c;
    uint64_t states = has_xsave ? saved_states() : 0;
    int ymm = has_avx && (states & 0x6) == 0x6; /* XMM and YMM */
    int zmm = ymm && (states & 0xe0) == 0xe0;   /* opmask, upper ZMM0-15, ZMM16-31 */
    uint32_t b7 = 0, c7 = 0, a71 = 0;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
        b7 = b;
        c7 = c;
        if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
            a71 = a;
    }
    if (ymm) {
        if (b7 >> 5 & 1)
            features |= MG_AVX2;
        if (leaf1 >> 12 & 1)
            features |= MG_FMA;
        if (leaf1 >> 29 & 1)
            features |= MG_F16C;
        if (a71 >> 4 & 1)
            features |= MG_AVX_VNNI;
    }
    if (zmm) {
        uint32_t f_dq_bw_vl = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
        if ((b7 & f_dq_bw_vl) == f_dq_bw_vl) {
            features |= MG_AVX512;
            if (c7 >> 11 & 1)
                features |= MG_AVX512_VNNI;
            if (a71 >> 5 & 1)
                features |= MG_AVX512_BF16;
        }
    }
    uint32_t words[12];
    if (__get_cpuid(0x80000002, &words[0], &words[1], &words[2], &words[3]) &&
        __get_cpuid(0x80000003, &words[4], &words[5], &words[6], &words[7]) &&
        __get_cpuid(0x80000004, &words[8], &words[9], &words[10], &words[11])) {
        memcpy(brand, words, sizeof words);
        brand[sizeof words] = 0;
        for (size_t end = strlen(brand); end > 0 && brand[end - 1] == ' '; end--)
            brand[end - 1] = 0;
    }
}

#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>

static void detect(void) {
    /* Bits of the kernel's hwcap ABI: ASIMDDP is bit 20 of HWCAP, BF16 is bit 14 of HWCAP2. */
    features = MG_NEON;
    if (getauxval(AT_HWCAP) >> 20 & 1)
        features |= MG_DOTPROD;
    if (getauxval(AT_HWCAP2) >> 14 & 1)
        features |= MG_ARM_BF16;
}

#else
static void detect(void) {
#if defined(__aarch64__)
    features = MG_NEON;
#endif
}
#endif

uint32_t mg_cpu_features(void) {
    pthread_once(&once, detect);
    return features;
}

const char *mg_cpu_brand(void) {
    pthread_once(&once, detect);
    return brand;
}

int32_t mg_allowed_cpus(int32_t *cpus, int32_t capacity) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 0;
    int32_t count = 0;
    for (int32_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET((size_t)cpu, &set))
            continue;
        if (count < capacity)
            cpus[count] = cpu;
        count++;
    }
    return count;
}

void mg_hypervisor(char signature[13]) {
    memset(signature, 0, 13);
#if defined(__x86_64__)
    uint32_t a, b, c, d;
    __cpuid(0x40000000, a, b, c, d); /* the leaf that hypervisors answer */
    memcpy(signature, &b, 4);
    memcpy(signature + 4, &c, 4);
    memcpy(signature + 8, &d, 4);
#endif
}
