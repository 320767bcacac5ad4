#pragma once
/* A kernel of your own in mgbench's tables: a shared object that exports one function, `mgbench_plugin`.
   `mgbench new-kernel <family> <name>` writes one that builds with `make`; `mgbench run --suite <suite> --plugin
   lib.so` loads it in a process of its own, holds it against the reference and times it beside mgbench's variants.
   It is linked with nothing of mgbench: what a kernel calls of it comes through mg_work.

   The family's header (mg_softmax.h, ...) has the formula and the argument struct; mg_variant.h has the table's rows.
   A variant declines what it does not compute by `refuses`: a shape, a number format, an activation, or an operand that
   not every problem has. There, pointers of operands that the problem has (bias, residual, scales, ...) are not NULL,
   and all others are; none may be read through. So `if (p->residual) return "no residual";` declines. The problem is
   then neither verified nor timed with that variant, and the table says why.

   Verification puts every operand before a page that cannot be touched; timing is on ordinary memory.

   A kernel allocates nothing, creates no thread, writes only its outputs, and works for every size from 0. */
#include "mg_variant.h"

/* Goes up whenever this struct, mg_variant, mg_kernel, mg_work or a family's argument struct changes: a plugin that was
   built with another number is refused, and has to be built again. */
#define MG_PLUGIN_ABI 4

typedef struct mg_plugin {
    int32_t abi;                /* MG_PLUGIN_ABI */
    int32_t count;              /* of the variants */
    const char *family;         /* "softmax": as `mgbench kernels` has it */
    size_t argument_bytes;      /* sizeof the family's argument struct */
    const mg_variant *variants; /* static storage, as everything here */
} mg_plugin;

/* Exported by the plugin. */
const mg_plugin *mgbench_plugin(void);
