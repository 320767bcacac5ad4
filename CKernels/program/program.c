/* Steps one after another inside one call of the team: between them a barrier, instead of a call and its end. */
#include "mg_clock.h"
#include "mg_program.h"

void mg_program_run(const void *arguments, const mg_work *work) {
    const mg_program *program = arguments;
    for (int64_t i = 0; i < program->count; i++) {
        program->steps[i].run(program->steps[i].arguments, work);
        mg_work_wait(work);
    }
}

void mg_probed_program_run(const void *arguments, const mg_work *work) {
    const mg_probed_program *probed = arguments;
    mg_spans *spans = probed->workers + work->index;
    uint64_t begin = mg_nanoseconds();
    for (int64_t i = 0; i < probed->program.count; i++) {
        probed->program.steps[i].run(probed->program.steps[i].arguments, work);
        const uint64_t end = mg_nanoseconds();
        mg_work_wait(work);
        const uint64_t released = mg_nanoseconds();
        spans->first[spans->count % spans->capacity] =
            (mg_span){.step = probed->first + i, .begin = begin, .end = end, .released = released};
        spans->count++;
        begin = released;
    }
}

void mg_fold_run(const void *arguments, const mg_work *work) {
    const mg_fold *fold = arguments;
    const mg_work alone = {.index = 0, .count = 1, .barrier = NULL};
    const mg_step *before = fold->before + work->index * fold->count;
    for (int64_t i = 0; i < fold->count; i++)
        before[i].run(before[i].arguments, &alone);
    fold->steps[work->index].run(fold->steps[work->index].arguments, work);
}
