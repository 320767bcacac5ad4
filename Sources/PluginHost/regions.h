#pragma once
/* Memory that a kernel is given, between pages that cannot be touched. */
#include <stdbool.h>
#include <stddef.h>

enum { MOST_REGIONS = 20 };

/* Where a region's bytes lie, and what follows them. A page that cannot be touched changes the time of what is allowed:
   a masked store whose masked lanes reach into it takes a detour through microcode, four times as long. So pages guard
   what is verified, and what is timed lies on ordinary memory. */
enum region_place {
    REGION_EXACT,   /* the last byte lies before the guard page, whatever alignment that gives */
    REGION_ALIGNED, /* 64-byte aligned, and less than 64 bytes before the guard page */
    REGION_ORDINARY /* 64-byte aligned, SLACK bytes of ordinary memory on both sides; on pages of 2 MiB if it is large,
                       as mgbench's own operands are */
};

/* `bytes` at `data` that the kernel may use, in the pages `low ..< high`; the pages beside those are PROT_NONE, and
   what of the pages is not `data` holds a known byte. */
struct region {
    char name[32];
    char *mapping, *low, *data, *high;
    size_t mapped, bytes;
    bool constant; /* PROT_READ once it is filled */
    bool output;
    char *shared; /* the operand's place in the shared file; NULL for what only the kernel sees */
};

/* All that there are now. */
extern struct region regions[MOST_REGIONS];
extern int region_count;

/* One more. NULL if there is no memory. */
struct region *region_add(const char *name, size_t bytes, enum region_place place);

/* From here on a write into it is a fault. */
void region_make_constant(struct region *region);

/* How far beside a region was written, in words; false if nothing was. */
bool region_damage(const struct region *region, char *text, size_t size);

void regions_free(void);

/* On a fault, says which region was overrun and how far, before the signal ends the process. */
void regions_report_faults(void);
