#define _GNU_SOURCE
#include "mg_team.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mg_clock.h"
#include "mg_cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define MG_PAUSE() _mm_pause()
#elif defined(__aarch64__)
#define MG_PAUSE() __asm__ volatile("yield")
#else
#define MG_PAUSE() ((void)0)
#endif

/* How long a waiter stays awake: nanoseconds of spinning, then of giving the core to whoever wants it, then it sleeps.
   A hand-over between spinning threads costs a fraction of a microsecond, one through the kernel tens of them. */
struct mg_patience {
    uint64_t spin, yield;
};

/* Between calls: long enough for back-to-back kernel calls, short enough to leave the core to other work. */
static const struct mg_patience idle = {50000, 0};
/* Within a call: the others run at this moment, and a sleeper would be woken late. */
static const struct mg_patience busy = {50000, 2000000};
/* With more workers than CPUs the one waited for may be waiting for this very core. */
static const struct mg_patience crowded = {500, 20000};

/* Two lines of 64 bytes: the adjacent-line prefetcher fetches them in pairs. */
#define MG_OWN_LINES __attribute__((aligned(128)))

/* A number that changes once for every event, and how many threads sleep until it does. */
struct mg_signal {
    MG_OWN_LINES atomic_uint number;
    atomic_uint sleepers;
};

struct team_barrier {
    mg_barrier shown; /* what kernels see of it: the first member, so that one pointer is both */
    MG_OWN_LINES atomic_uint arrived;
    struct mg_signal released;
    MG_OWN_LINES uint32_t count;
    struct mg_patience patience;
};

struct mg_seat {
    mg_team *team;
    int32_t index;
};

struct mg_team {
    struct mg_signal called;             /* a new number for every call, and how many workers it takes: see call_of */
    struct mg_signal finished;           /* one more when the last worker is through */
    MG_OWN_LINES atomic_uint unfinished; /* workers still in the current call */
    MG_OWN_LINES mg_task *task;
    const void *arguments;
    uint64_t float_state; /* the caller's, which the workers take over */
    atomic_bool ending;
    int32_t workers;
    struct mg_patience between, within;
    struct team_barrier barrier;
    pthread_t caller;
    cpu_set_t caller_cpus; /* before the caller was pinned */
    int32_t pinned;
    pthread_t *threads;
    struct mg_seat *seats;
};

/* MARK: waiting */

static void wait_for_change(struct mg_signal *signal, uint32_t number, struct mg_patience patience) {
    uint64_t start = 0, waited = 0;
    do {
        /* Reading the clock costs about as much as one pause. */
        for (int spin = 0; spin < 32; spin++) {
            if (atomic_load_explicit(&signal->number, memory_order_acquire) != number)
                return;
            MG_PAUSE();
        }
        uint64_t now = mg_nanoseconds();
        start = start == 0 ? now : start;
        waited = now - start;
    } while (waited < patience.spin);
    while (waited < patience.spin + patience.yield) {
        if (atomic_load_explicit(&signal->number, memory_order_acquire) != number)
            return;
        sched_yield();
        waited = mg_nanoseconds() - start;
    }
    atomic_fetch_add(&signal->sleepers, 1);
    while (atomic_load(&signal->number) == number)
        syscall(SYS_futex, &signal->number, FUTEX_WAIT_PRIVATE, number, NULL, NULL, 0);
    atomic_fetch_sub(&signal->sleepers, 1);
}

/* The sequentially consistent order of the change and of the look at `sleepers` makes sure that a thread that is about
   to sleep either sees the change or is seen. */
static void wake(struct mg_signal *signal) {
    if (atomic_load(&signal->sleepers) > 0)
        syscall(SYS_futex, &signal->number, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static void announce(struct mg_signal *signal) {
    atomic_fetch_add(&signal->number, 1);
    wake(signal);
}

/* The number of a call says in its last bits how many workers take part. A worker that does not is not waited for and
   may look late: then it finds the latest call, and whether it takes part in that one, in a single word. */
enum { MG_MOST_WORKERS = 1 << 10 };

static int32_t workers_of(uint32_t call) { return (int32_t)(call % MG_MOST_WORKERS); }

static uint32_t call_after(uint32_t call, int32_t workers) {
    return call / MG_MOST_WORKERS * MG_MOST_WORKERS + MG_MOST_WORKERS + (uint32_t)workers;
}

static void meet(mg_barrier *shown) {
    struct team_barrier *barrier = (struct team_barrier *)shown;
    uint32_t phase = atomic_load_explicit(&barrier->released.number, memory_order_acquire);
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == barrier->count) {
        atomic_store(&barrier->arrived, 0);
        announce(&barrier->released);
    } else {
        wait_for_change(&barrier->released, phase, barrier->patience);
    }
}

/* MARK: workers */

/* Rounding, flushing and masks of this thread's floating-point unit, without the flags of past exceptions. */
static uint64_t float_state(void) {
#if defined(__x86_64__)
    return _mm_getcsr() & ~0x3fu;
#elif defined(__aarch64__)
    uint64_t state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    return state;
#else
    return 0;
#endif
}

static void set_float_state(uint64_t state) {
#if defined(__x86_64__)
    _mm_setcsr((uint32_t)state);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" ::"r"(state));
#else
    (void)state;
#endif
}

static void finish(mg_team *team) {
    if (atomic_fetch_sub(&team->unfinished, 1) == 1)
        announce(&team->finished);
}

static void *serve(void *argument) {
    const struct mg_seat *seat = argument;
    mg_team *team = seat->team;
    mg_work work = {.index = seat->index, .barrier = &team->barrier.shown};
    /* Tells the maker of the team that this thread is where it belongs. */
    finish(team);
    for (uint32_t call = 0;;) {
        wait_for_change(&team->called, call, team->between);
        if (atomic_load_explicit(&team->ending, memory_order_acquire))
            return NULL;
        call = atomic_load_explicit(&team->called.number, memory_order_acquire);
        work.count = workers_of(call);
        if (work.index >= work.count)
            continue;
        set_float_state(team->float_state);
        team->task(team->arguments, &work);
        finish(team);
    }
}

/* A thread that is on `cpu` from its first instruction on. One that moved itself there could wait for a tick of the
   scheduler before it arrived, if its maker is pinned elsewhere: it inherits its maker's CPUs. */
static int start(pthread_t *thread, struct mg_seat *seat, int32_t cpu) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return 1;
    int failed = 0;
    if (cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)cpu, &set);
        failed = cpu >= CPU_SETSIZE || pthread_attr_setaffinity_np(&attributes, sizeof set, &set) != 0;
    }
    failed = failed || pthread_create(thread, &attributes, serve, seat) != 0;
    pthread_attr_destroy(&attributes);
    return failed;
}

/* MARK: the team */

static int is_crowded(int32_t workers, const int32_t *cpus) {
    if (cpus == NULL)
        return workers > mg_allowed_cpus(NULL, 0);
    for (int32_t i = 0; i < workers; i++)
        for (int32_t k = 0; k < i; k++)
            if (cpus[i] == cpus[k])
                return 1;
    return 0;
}

mg_team *mg_team_create(int32_t workers, const int32_t *cpus) {
    if (workers < 1 || workers >= MG_MOST_WORKERS)
        return NULL;
    mg_team *team = NULL;
    if (posix_memalign((void **)&team, 128, sizeof *team) != 0)
        return NULL;
    int crowd = is_crowded(workers, cpus);
    *team = (mg_team){
        .between = crowd ? crowded : idle, .within = crowd ? crowded : busy, .caller = pthread_self(), .workers = 1};
    team->barrier.shown.wait = meet;
    team->barrier.patience = team->within;
    atomic_store(&team->unfinished, (uint32_t)workers - 1);
    team->threads = calloc((size_t)workers, sizeof *team->threads);
    team->seats = calloc((size_t)workers, sizeof *team->seats);
    int failed = team->threads == NULL || team->seats == NULL;
    for (int32_t index = 1; !failed && index < workers; index++) {
        team->seats[index] = (struct mg_seat){.team = team, .index = index};
        failed = start(&team->threads[index], &team->seats[index], cpus ? cpus[index] : -1);
        team->workers += !failed; /* those that exist */
    }
    if (!failed && workers > 1)
        wait_for_change(&team->finished, 0, team->within);
    if (!failed && cpus) {
        team->pinned = sched_getaffinity(0, sizeof team->caller_cpus, &team->caller_cpus) == 0;
        failed = mg_pin_thread(cpus[0]) != 0;
    }
    if (failed) {
        mg_team_destroy(team);
        return NULL;
    }
    return team;
}

void mg_team_run(mg_team *team, int32_t workers, mg_task *task, const void *arguments) {
    workers = workers < 1 ? 1 : workers > team->workers ? team->workers : workers;
    mg_work work = {.index = 0, .count = workers, .barrier = &team->barrier.shown};
    if (workers == 1) {
        work.barrier = NULL;
        task(arguments, &work);
        return;
    }
    team->task = task;
    team->arguments = arguments;
    team->float_state = float_state();
    team->barrier.count = (uint32_t)workers;
    uint32_t before = atomic_load_explicit(&team->finished.number, memory_order_relaxed);
    atomic_store_explicit(&team->unfinished, (uint32_t)workers - 1, memory_order_relaxed);
    uint32_t call = atomic_load_explicit(&team->called.number, memory_order_relaxed);
    atomic_store(&team->called.number, call_after(call, workers));
    wake(&team->called);
    task(arguments, &work);
    wait_for_change(&team->finished, before, team->within);
}

void mg_team_repeat(mg_team *team, int32_t workers, mg_task *task, const void *arguments, int64_t times) {
    if (workers > 1 && team->workers > 1) {
        for (int64_t call = 0; call < times; call++)
            mg_team_run(team, workers, task, arguments);
        return;
    }
    mg_work work = {.index = 0, .count = 1, .barrier = NULL};
#pragma clang loop unroll_count(8)
    for (int64_t call = 0; call < times; call++)
        task(arguments, &work);
}

__attribute__((noinline)) void mg_team_run_counted(mg_team *team, int32_t workers, mg_task *task,
                                                   const void *arguments) {
    mg_team_run(team, workers, task, arguments);
    /* Keeps this function on the stack: a tail call would leave it before the kernel runs. */
    __asm__ volatile("" ::: "memory");
}

int32_t mg_team_workers(const mg_team *team) { return team->workers; }

void mg_team_destroy(mg_team *team) {
    if (team == NULL)
        return;
    atomic_store(&team->ending, 1);
    announce(&team->called); /* any other number will do */
    for (int32_t index = 1; index < team->workers; index++)
        pthread_join(team->threads[index], NULL);
    /* What the caller starts later must not inherit one CPU. */
    if (team->pinned && pthread_equal(team->caller, pthread_self()))
        sched_setaffinity(0, sizeof team->caller_cpus, &team->caller_cpus);
    free(team->threads);
    free(team->seats);
    free(team);
}
