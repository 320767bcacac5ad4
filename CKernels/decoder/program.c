/* Steps one after another inside one call of the team: between them a barrier, instead of a call and its end. */
#include "mg_decoder.h"

void mg_program_run(const void *arguments, const mg_work *work) {
    const mg_program *program = arguments;
    for (int64_t i = 0; i < program->count; i++) {
        program->steps[i].run(program->steps[i].arguments, work);
        mg_work_wait(work);
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
