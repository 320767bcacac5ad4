#pragma once
/* PAPI 7: the version constant is a function-like macro, and syscall is variadic; Swift imports neither. */
#include <papi.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline int mg_papi_current_version(void) { return PAPI_VER_CURRENT; }

/* The kernel's number of the calling thread, as PAPI_attach wants it; glibc 2.36's gettid needs _GNU_SOURCE. */
static inline int32_t mg_papi_thread_id(void) { return (int32_t)syscall(SYS_gettid); }
