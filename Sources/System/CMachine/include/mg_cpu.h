#pragma once
/* What this processor can do, by CPUID and XGETBV (x86) or the auxiliary vector (arm).
   One binary runs everywhere: a variant names the bits that it needs, and is skipped where one is missing. */
#include <stdint.h>

enum {
    MG_SSE2 = 1u << 0,
    MG_AVX2 = 1u << 1,
    MG_FMA = 1u << 2,
    MG_F16C = 1u << 3,
    MG_AVX512 = 1u << 4, /* F, BW, DQ and VL together */
    MG_AVX512_VNNI = 1u << 5,
    MG_AVX512_BF16 = 1u << 6,
    MG_AVX_VNNI = 1u << 7,
    MG_NEON = 1u << 8,
    MG_DOTPROD = 1u << 9,
    MG_ARM_BF16 = 1u << 10
};

/* The features found, those the operating system does not save left out. Constant for the process's life. */
uint32_t mg_cpu_features(void);

/* The processor's own name ("AMD EPYC ..."), or "unknown". Static storage. */
const char *mg_cpu_brand(void);

/* The CPUs that the calling thread may run on, in order: at most `capacity` of them are written. Returns how many there
   are, or 0 if the system does not say. */
int32_t mg_allowed_cpus(int32_t *cpus, int32_t capacity);

/* The hypervisor's signature (twelve characters and a zero), empty without one. */
void mg_hypervisor(char signature[13]);
