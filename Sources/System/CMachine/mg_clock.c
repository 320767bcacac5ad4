#define _GNU_SOURCE
#include "mg_clock.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

uint64_t mg_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t mg_ticks(void) {
#if defined(__x86_64__)
    /* The first fence keeps earlier work before the reading, the second later work behind it. */
    _mm_lfence();
    uint64_t ticks = __builtin_ia32_rdtsc();
    _mm_lfence();
    return ticks;
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    return ticks;
#else
    return 0;
#endif
}

int32_t mg_flush_denormals(int32_t enabled) {
#if defined(__x86_64__)
    const uint32_t bits = 0x8040; /* MXCSR: flush to zero, denormals are zero */
    uint32_t state = _mm_getcsr();
    _mm_setcsr(enabled ? state | bits : state & ~bits);
    return (state & bits) == bits;
#elif defined(__aarch64__)
    const uint64_t bit = 1u << 24; /* FPCR.FZ */
    uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    uint64_t next = enabled ? state | bit : state & ~bit;
    __asm__ volatile("msr fpcr, %0" ::"r"(next));
    return (state & bit) != 0;
#else
    (void)enabled;
    return 0;
#endif
}

int32_t mg_pin_thread(int32_t cpu) {
    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
}

int32_t mg_current_cpu(void) { return sched_getcpu(); }
