#pragma once
/* Probes of what this machine can do at most. Each is a task for the worker team; who runs it reads the clock. */
#include "mg_cpu.h"
#include "mg_work.h"

/* An arithmetic probe: independent multiply-adds on registers, nothing else. */
typedef struct mg_compute_probe {
    const char *name;  /* "FMA f32 avx512", "dot bf16 avx512", "dot int8 avx512" ... */
    uint32_t needs;    /* MG_* bits */
    double operations; /* per worker and loop; a multiply-add counts two */
    mg_task *run;      /* arguments: const int64_t *loops, at least 1 */
} mg_compute_probe;

/* The probes of this architecture, fastest last within an arithmetic. */
const mg_compute_probe *mg_compute_probes(int32_t *count);

/* A bandwidth probe: every worker goes over its own share of the arrays `loops` times. */
typedef struct mg_stream {
    float *a, *b, *c; /* c = a·s + b for triad, b = a for copy, reading a alone for read */
    int64_t count;    /* floats in each array, a multiple of 64 × workers; the arrays begin at multiples of 64 bytes */
    int64_t loops;
} mg_stream;

void mg_stream_read(const void *stream, const mg_work *work);
void mg_stream_copy(const void *stream, const mg_work *work);
void mg_stream_triad(const void *stream, const mg_work *work);

/* Triad with stores that do not first fetch the line they overwrite, where the processor has them. */
void mg_stream_triad_past_caches(const void *stream, const mg_work *work);

/* Nothing: what is left is the cost of a call of the team. */
void mg_empty_task(const void *arguments, const mg_work *work);

/* *loops barriers. */
void mg_barriers(const void *loops, const mg_work *work);

/* 64 dependent additions for each of *loops: one a cycle, so the true clock frequency. */
void mg_dependent_adds(const void *loops, const mg_work *work);
