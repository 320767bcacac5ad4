#pragma once
/* A worker's place in the team that runs one kernel call. Kernels split their work by `index` of `count`;
   they never create threads, and never learn what time it is.

   Rule of determinism: split output rows, columns, heads or fixed-size chunks, never a sum by `count`,
   so that a result has the same bits whatever the number of workers. */
#include <stdint.h>

/* Where the workers of a call meet. What is behind `wait` is the team's, which a kernel in another library cannot call
   by name. */
typedef struct mg_barrier {
    void (*wait)(struct mg_barrier *barrier);
} mg_barrier;

typedef struct mg_work {
    int32_t index;       /* 0 ..< count; 0 is the calling thread */
    int32_t count;       /* workers in this call, >= 1 */
    mg_barrier *barrier; /* NULL when count == 1 */
} mg_work;

/* One kernel call, run once by every worker of the team with the same arguments. */
typedef void mg_task(const void *arguments, const mg_work *work);

/* Waits until all workers of this call have come here. A no-op for a team of one. */
static inline void mg_work_wait(const mg_work *work) {
    if (work->barrier)
        work->barrier->wait(work->barrier);
}

/* The half-open range of `total` items that belongs to this worker, in multiples of `grain`
   (the last worker takes the rest). */
static inline void mg_work_range(const mg_work *work, int64_t total, int64_t grain, int64_t *from, int64_t *to) {
    int64_t blocks = (total + grain - 1) / grain;
    int64_t first = blocks * work->index / work->count, last = blocks * (work->index + 1) / work->count;
    *from = first * grain < total ? first * grain : total;
    *to = last * grain < total ? last * grain : total;
}
