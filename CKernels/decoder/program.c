/* Steps one after another inside one call of the team: between them a barrier, instead of a call and its end. */
#include "mg_decoder.h"

void mg_program_run(const void *arguments, const mg_work *work) {
    const mg_program *program = arguments;
    for (int64_t i = 0; i < program->count; i++) {
        program->steps[i].run(program->steps[i].arguments, work);
        mg_work_wait(work);
    }
}
