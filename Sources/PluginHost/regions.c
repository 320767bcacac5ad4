#define _GNU_SOURCE
#include "regions.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MARGIN = 0xA5, HUGE = 2 << 20, SLACK = 1 << 14 };

struct region regions[MOST_REGIONS];
int region_count;

struct region *region_add(const char *name, size_t bytes, enum region_place place) {
    if (region_count == MOST_REGIONS)
        return NULL;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bool ordinary = place == REGION_ORDINARY, huge = ordinary && bytes >= HUGE;
    size_t used = bytes ? (bytes + page - 1) / page * page : page;
    size_t before = ordinary && !huge ? SLACK : 0, behind = ordinary ? SLACK : 0;
    size_t body = before + used + behind;
    size_t mapped = body + 2 * page + (huge ? HUGE : 0);
    char *mapping = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        return NULL;
    struct region *new = &regions[region_count++];
    *new = (struct region){.mapping = mapping, .mapped = mapped, .bytes = bytes};
    snprintf(new->name, sizeof new->name, "%s", name);
    new->low = mapping + page;
    if (huge) {
        new->low = (char *)(((uintptr_t) new->low + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
        madvise(new->low, body, MADV_HUGEPAGE);
    }
    new->high = new->low + body;
    size_t end = place == REGION_EXACT ? bytes : (bytes + 63) / 64 * 64;
    new->data = ordinary ? new->low + before : new->high - end;
    memset(new->low, MARGIN, body);
    mprotect(new->low - page, page, PROT_NONE);
    mprotect(new->high, page, PROT_NONE);
    return new;
}

void region_make_constant(struct region *region) {
    region->constant = true;
    mprotect(region->low, (size_t)(region->high - region->low), PROT_READ);
}

bool region_damage(const struct region *region, char *text, size_t size) {
    if (region->constant)
        return false;
    const char *behind = region->data + region->bytes;
    for (const char *at = region->low; at < region->data; at++)
        if ((unsigned char)*at != MARGIN) {
            snprintf(text, size, "it wrote up to %td bytes before the beginning of %s", region->data - at,
                     region->name);
            return true;
        }
    for (const char *at = region->high; at > behind; at--)
        if ((unsigned char)at[-1] != MARGIN) {
            snprintf(text, size, "it wrote up to %td bytes behind the end of %s", at - behind, region->name);
            return true;
        }
    return false;
}

void regions_free(void) {
    for (int i = 0; i < region_count; i++)
        munmap(regions[i].mapping, regions[i].mapped);
    region_count = 0;
}
