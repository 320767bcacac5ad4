#pragma once
/* What mgbench asks of the plugin, one function a request; each answers with one line. */
#include "lines.h"
#include "mg_team.h"

/* Loads the plugin: its version, family, size of the argument struct, number of variants; and what the processor of
   this process can do, which need not be the one that mgbench runs on. */
void kernel_hello(const char *path);

/* `what` (name, needs, story) of a variant. */
void kernel_describe(const struct request *request);

/* Why a variant does not compute the problem in `arguments`. Pointers of the operands that the problem has are not
   NULL, and lead to a page that cannot be touched. */
void kernel_refuses(const struct request *request);

/* Gives a variant its operands: each copied out of the shared file into a region of its own. */
void kernel_open(const struct request *request, const mg_team *team);
void kernel_close(void);

/* Of the open variant: fills its outputs with the value that says "never written"; runs it; copies its outputs into the
   shared file, if it wrote nothing beside its regions. False if none is open. */
int kernel_is_open(void);
void kernel_poison(void);
void kernel_run(const struct request *request, mg_team *team);
void kernel_fetch(void);
