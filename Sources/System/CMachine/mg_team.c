#define _GNU_SOURCE
#include "mg_team.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mg_clock.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define MG_PAUSE() _mm_pause()
#elif defined(__aarch64__)
#define MG_PAUSE() __asm__ volatile("yield")
#else
#define MG_PAUSE() ((void)0)
#endif

/* A hand-over between spinning threads costs a fraction of a microsecond, one through the kernel tens of them. So a
   waiter spins for about 50 us, which covers back-to-back kernel calls, then sleeps and leaves the core to others. */
enum { SPINS = 2000 };

/* Two lines of 64 bytes: the adjacent-line prefetcher fetches them in pairs. */
#define MG_OWN_LINES __attribute__((aligned(128)))

struct mg_barrier {
    MG_OWN_LINES atomic_uint arrived;
    MG_OWN_LINES atomic_uint phase; /* changes when all have arrived */
    MG_OWN_LINES uint32_t count;
    atomic_uint sleepers;
};

struct mg_team {
    MG_OWN_LINES atomic_uint generation; /* one more for every call: the workers wait for it to change */
    atomic_uint sleepers;                /* workers asleep on `generation` */
    MG_OWN_LINES atomic_uint unfinished; /* workers still in the current call */
    MG_OWN_LINES mg_task *task;
    const void *arguments;
    int32_t flush_denormals; /* the caller's floating-point state, which the workers take over */
    atomic_bool ending;
    int32_t workers;
    struct mg_barrier barrier;
    pthread_t *threads;
    struct mg_seat {
        mg_team *team;
        int32_t index, cpu; /* cpu -1: not pinned */
    } * seats;
};

static void sleep_while(atomic_uint *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake_all(atomic_uint *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0); }

/* Returns when `word` is no longer `value`: spins first, then sleeps. */
static void wait_for_change(atomic_uint *word, uint32_t value, atomic_uint *sleepers) {
    for (int spin = 0; spin < SPINS; spin++) {
        if (atomic_load_explicit(word, memory_order_acquire) != value)
            return;
        MG_PAUSE();
    }
    atomic_fetch_add(sleepers, 1);
    while (atomic_load(word) == value)
        sleep_while(word, value);
    atomic_fetch_sub(sleepers, 1);
}

/* Changes `word` and wakes those who sleep on it. The sequentially consistent order of the change and of the look at
   `sleepers` makes sure that a thread that is about to sleep either sees the change or is seen. */
static void announce(atomic_uint *word, atomic_uint *sleepers) {
    atomic_fetch_add(word, 1);
    if (atomic_load(sleepers) > 0)
        wake_all(word);
}

void mg_work_wait(const mg_work *work) {
    struct mg_barrier *barrier = work->barrier;
    if (work->count == 1 || barrier == NULL)
        return;
    uint32_t phase = atomic_load_explicit(&barrier->phase, memory_order_acquire);
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == barrier->count) {
        atomic_store(&barrier->arrived, 0);
        announce(&barrier->phase, &barrier->sleepers);
    } else {
        wait_for_change(&barrier->phase, phase, &barrier->sleepers);
    }
}

static void *serve(void *argument) {
    struct mg_seat *seat = argument;
    mg_team *team = seat->team;
    if (seat->cpu >= 0)
        mg_pin_thread(seat->cpu);
    mg_work work = {.index = seat->index, .count = team->workers, .barrier = &team->barrier};
    uint32_t generation = 0;
    /* Tell the maker of the team that this thread is where it belongs. */
    atomic_fetch_sub(&team->unfinished, 1);
    for (;;) {
        wait_for_change(&team->generation, generation, &team->sleepers);
        generation++;
        if (atomic_load_explicit(&team->ending, memory_order_acquire))
            return NULL;
        mg_flush_denormals(team->flush_denormals);
        team->task(team->arguments, &work);
        atomic_fetch_sub_explicit(&team->unfinished, 1, memory_order_release);
    }
}

/* Waits for the other workers. They run at this moment, so sleeping would cost more than it saves; but with more
   workers than CPUs one may be waiting for this very core, hence the yield. */
static void wait_until_finished(mg_team *team) {
    for (int spin = 0; atomic_load_explicit(&team->unfinished, memory_order_acquire) > 0; spin++) {
        if (spin < SPINS) {
            MG_PAUSE();
        } else {
            sched_yield();
        }
    }
}

mg_team *mg_team_create(int32_t workers, const int32_t *cpus) {
    if (workers < 1)
        return NULL;
    mg_team *team = NULL;
    if (posix_memalign((void **)&team, 128, sizeof *team) != 0)
        return NULL;
    *team = (mg_team){.workers = workers, .barrier = {.count = (uint32_t)workers}};
    team->threads = calloc((size_t)workers, sizeof *team->threads);
    team->seats = calloc((size_t)workers, sizeof *team->seats);
    if (team->threads == NULL || team->seats == NULL) {
        free(team->threads);
        free(team->seats);
        free(team);
        return NULL;
    }
    atomic_store(&team->unfinished, (unsigned)workers - 1);
    /* The threads are made before the caller is pinned: a new thread inherits its maker's CPUs, and would wait for a
       scheduler tick before it could move to its own. */
    for (int32_t index = 1; index < workers; index++) {
        team->seats[index] = (struct mg_seat){.team = team, .index = index, .cpu = cpus ? cpus[index] : -1};
        if (pthread_create(&team->threads[index], NULL, serve, &team->seats[index]) != 0) {
            atomic_fetch_sub(&team->unfinished, (unsigned)(workers - index));
            team->workers = index; /* those that exist */
            mg_team_destroy(team);
            return NULL;
        }
    }
    wait_until_finished(team);
    if (cpus)
        mg_pin_thread(cpus[0]);
    return team;
}

void mg_team_run(mg_team *team, mg_task *task, const void *arguments) {
    mg_work work = {.index = 0, .count = team->workers, .barrier = team->workers > 1 ? &team->barrier : NULL};
    if (team->workers == 1) {
        task(arguments, &work);
        return;
    }
    team->task = task;
    team->arguments = arguments;
    /* Reads the state by setting it to what it is. */
    team->flush_denormals = mg_flush_denormals(0);
    mg_flush_denormals(team->flush_denormals);
    atomic_store_explicit(&team->unfinished, (unsigned)team->workers - 1, memory_order_relaxed);
    announce(&team->generation, &team->sleepers);
    task(arguments, &work);
    wait_until_finished(team);
}

int32_t mg_team_workers(const mg_team *team) { return team->workers; }

void mg_team_destroy(mg_team *team) {
    if (team == NULL)
        return;
    atomic_store(&team->ending, 1);
    announce(&team->generation, &team->sleepers);
    for (int32_t index = 1; index < team->workers; index++)
        pthread_join(team->threads[index], NULL);
    free(team->threads);
    free(team->seats);
    free(team);
}
