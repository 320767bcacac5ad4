#pragma once
/* What every compiled variant tells of itself. A family's `.def` file is the list of its variants, one line each with
   name, kind, needs and story; a variant's own file has its functions, `mg_kernel`. `table.tmpl.h` makes of both the
   table that Swift, the tests and the suites walk. Adding a variant: one `.c` file and one line in the `.def`. */
#include <stddef.h>
#include <stdint.h>

#include "mg_cpu.h"
#include "mg_tuning.h"
#include "mg_work.h"

typedef enum mg_kind { MG_SIMD = 0, MG_FUSED = 1 } mg_kind;

typedef enum mg_dtype { MG_F32 = 0, MG_BF16 = 1 } mg_dtype;

/* The activation of an epilogue or of a feed-forward layer. */
typedef enum mg_activation { MG_IDENTITY = 0, MG_GELU_ERF = 1, MG_GELU_TANH = 2, MG_SILU = 3 } mg_activation;

/* The first member of every family's argument struct.
   packed:    the constant operands as `pack` laid them out, made once outside the timing; NULL if the variant
              has no `pack`.
   workspace: scratch of at least `workspace_bytes`, 64-byte aligned, contents undefined; NULL if none is needed.
   tuning:    the machine's numbers, the same for `workspace_bytes` and for `run`; NULL for `mg_tuning_fallback`. */
typedef struct mg_buffers {
    const void *packed;
    void *workspace;
    const mg_tuning *tuning;
} mg_buffers;

static inline const mg_tuning *mg_tuning_of(const mg_buffers *buffers) {
    return buffers->tuning ? buffers->tuning : &mg_tuning_fallback;
}

/* The functions of a variant. Only `run` must be there. */
typedef struct mg_kernel {
    /* NULL when this variant computes the problem in `arguments`, else why not, in a few words. Only shapes and options
       are read, and of a plugin's pointers whether they are NULL (mg_plugin.h). */
    const char *(*refuses)(const void *arguments);
    /* Size of, and laying out, the constant operands; both NULL for a variant that packs nothing beforehand. */
    size_t (*packed_bytes)(const void *arguments);
    void (*pack)(const void *arguments, void *packed);
    /* Scratch for a call by `workers` workers; NULL means none. */
    size_t (*workspace_bytes)(const void *arguments, int32_t workers);
    mg_task *run;
} mg_kernel;

/* A row of a family's table. */
typedef struct mg_variant {
    const char *name; /* <idea>__<isa>, for example "packed__avx512" */
    mg_kind kind;
    uint32_t needs;    /* MG_* bits of mg_cpu.h */
    const char *story; /* one line: what it does differently */
    const mg_kernel *kernel;
} mg_variant;

/* What a family hands to the program. */
typedef struct mg_family {
    const char *name;           /* "softmax": of its folder, its list and its header */
    size_t argument_bytes;      /* sizeof its argument struct */
    const mg_variant *variants; /* `count` rows, best first */
    int32_t count;
    /* Texts for `mgbench new-kernel`: the family's header, and a plugin with a simple kernel, in which NAME stands for
       the kernel's name. */
    const char *header, *plugin;
} mg_family;
