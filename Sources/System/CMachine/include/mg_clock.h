#pragma once
/* Reading time, and keeping the compiler from moving work across a reading. */
#include <stdint.h>

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t mg_nanoseconds(void);

/* The time-stamp counter between fences (x86), the virtual counter (arm); 0 where there is none. */
uint64_t mg_ticks(void);

/* Denormals count as zero and results flush to zero on this thread while `enabled`; returns the previous state. */
int32_t mg_flush_denormals(int32_t enabled);

/* Pins the calling thread to one CPU. Returns 0, or an errno. */
int32_t mg_pin_thread(int32_t cpu);

/* The CPU that the calling thread runs on now, or -1. */
int32_t mg_current_cpu(void);
