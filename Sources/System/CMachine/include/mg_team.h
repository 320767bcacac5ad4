#pragma once
/* The worker team: one per process. The caller is worker 0; the others spin briefly for the next call, then sleep. */
#include "mg_work.h"

typedef struct mg_team mg_team;

/* A team of `workers` threads in all, the caller included. `cpus` holds the operating system's index of the CPU
   for each worker, or is NULL for no pinning; the caller's own thread is pinned to cpus[0] until the team ends.
   Returns NULL when a thread, its CPU or memory cannot be had. */
mg_team *mg_team_create(int32_t workers, const int32_t *cpus);

/* Runs `task(arguments, work)` on the first `workers` of the team, from 1 to all, and returns when all of these have
   returned. The others are not waited for, and with one worker nobody is told. Not reentrant. */
void mg_team_run(mg_team *team, int32_t workers, mg_task *task, const void *arguments);

/* Runs the task `times` times, one after another: a batch that a harness times. With one worker there is nothing
   between the calls but a call by pointer. */
void mg_team_repeat(mg_team *team, int32_t workers, mg_task *task, const void *arguments, int64_t times);

/* The same as mg_team_run; exists to be found by name: a tool that counts instructions is told to count while this
   function is on the stack, and so counts one call of a kernel and nothing else. */
void mg_team_run_counted(mg_team *team, int32_t workers, mg_task *task, const void *arguments);

int32_t mg_team_workers(const mg_team *team);

/* Ends the workers and frees the team. NULL is allowed. */
void mg_team_destroy(mg_team *team);
