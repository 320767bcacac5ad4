#define _GNU_SOURCE
#include "kernel.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mg_plugin.h"
#include "regions.h"

static const mg_plugin *plugin;
static const mg_kernel *current;
static void *arguments;
static char *shared;
static size_t shared_bytes;
static uint32_t poison;

void kernel_hello(const char *path) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        reply_text("failed", dlerror());
        return;
    }
    const mg_plugin *(*enter)(void) = (const mg_plugin *(*)(void))dlsym(handle, "mgbench_plugin");
    plugin = enter ? enter() : NULL;
    if (!plugin) {
        reply_text("failed", enter ? "its mgbench_plugin returns NULL" : "it exports no function mgbench_plugin");
        return;
    }
    char line[200];
    if (plugin->abi != MG_PLUGIN_ABI) {
        /* Nothing else of it can be relied on. */
        snprintf(line, sizeof line, "abi=%" PRId32 "\n", plugin->abi);
        plugin = NULL;
    } else {
        snprintf(line, sizeof line, "abi=%d\tfamily=%.60s\tvariants=%" PRId32 "\tbytes=%zu\tfeatures=%" PRIu32 "\n",
                 MG_PLUGIN_ABI, plugin->family ? plugin->family : "", plugin->count, plugin->argument_bytes,
                 mg_cpu_features());
    }
    reply(line);
}

static const mg_variant *variant(const struct request *request) {
    uint64_t index = request_number(request, "variant");
    return plugin && index < (uint64_t)plugin->count ? &plugin->variants[index] : NULL;
}

void kernel_describe(const struct request *request) {
    const mg_variant *row = variant(request);
    if (!row || !row->name || !row->kernel || !row->kernel->run) {
        reply_text("failed", "a variant without a name or without run");
        return;
    }
    char line[64];
    const char *what = request_text(request, "what");
    if (strcmp(what, "needs") == 0) {
        snprintf(line, sizeof line, "%" PRIu32, row->needs);
        reply_text("text", line);
    } else {
        reply_text("text", strcmp(what, "story") == 0 ? row->story : row->name);
    }
}

/* The argument struct from its digits, in a region of its own; NULL if there is no memory. */
static struct region *argument_region(const struct request *request) {
    const char *digits = request_text(request, "arguments");
    size_t bytes = strlen(digits) / 2;
    struct region *held = region_add("the arguments", bytes, REGION_ALIGNED);
    if (!held)
        return NULL;
    for (size_t i = 0; i < bytes; i++) {
        char pair[3] = {digits[2 * i], digits[2 * i + 1], 0};
        held->data[i] = (char)strtoul(pair, NULL, 16);
    }
    return held;
}

/* Sets the pointer of each operand that the problem has, `name:field`, to a page that cannot be touched: that it is
   there is all that may be known of it before it has values. */
static bool add_absent_operands(const struct request *request, struct region *held) {
    for (int i = 0; i < request->count; i++) {
        char name[32];
        size_t field;
        if (strcmp(request->keys[i], "operand") != 0)
            continue;
        if (sscanf(request->values[i], "%31[^:]:%zu", name, &field) != 2 || field + sizeof(void *) > held->bytes)
            return false;
        struct region *operand = region_add(name, 0, REGION_EXACT);
        if (!operand)
            return false;
        memcpy(held->data + field, &operand->high, sizeof operand->high);
    }
    return true;
}

void kernel_refuses(const struct request *request) {
    const mg_variant *row = variant(request);
    kernel_close();
    struct region *held = argument_region(request);
    if (!row || !row->kernel || !held || !add_absent_operands(request, held)) {
        kernel_close();
        reply_text("failed", "a problem is not understood");
        return;
    }
    const char *why = row->kernel->refuses ? row->kernel->refuses(held->data) : NULL;
    reply_text(why ? "refused" : "ok", why);
    kernel_close();
}

static const char *map_shared(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0)
        return "the operands' file cannot be opened";
    shared_bytes = (size_t)status.st_size;
    if (shared_bytes) {
        void *mapping = mmap(NULL, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        shared = mapping == MAP_FAILED ? NULL : mapping;
    }
    close(file);
    return shared_bytes && !shared ? "the operands' file cannot be mapped" : NULL;
}

/* `name:field:offset:bytes:output`: where in the argument struct the pointer belongs, where in the file the values lie.
 */
static const char *add_operand(const char *text, size_t argument_bytes, enum region_place place) {
    char name[32];
    size_t field, offset, bytes;
    int output;
    if (sscanf(text, "%31[^:]:%zu:%zu:%zu:%d", name, &field, &offset, &bytes, &output) != 5 ||
        field + sizeof(void *) > argument_bytes || offset + bytes > shared_bytes)
        return "an operand is not understood";
    struct region *operand = region_add(name, bytes, place);
    if (!operand)
        return "no memory for the operands";
    operand->shared = shared + offset;
    operand->output = output;
    if (!output) {
        if (bytes)
            memcpy(operand->data, operand->shared, bytes);
        region_make_constant(operand);
    }
    memcpy((char *)arguments + field, &operand->data, sizeof operand->data);
    return NULL;
}

/* What the variant packs, and its workspace. */
static const char *add_buffers(int32_t workers, enum region_place place) {
    mg_buffers *buffers = arguments;
    if (current->packed_bytes && current->pack) {
        struct region *packed = region_add("packed", current->packed_bytes(arguments), place);
        if (!packed)
            return "no memory for what it packs";
        current->pack(arguments, packed->data);
        static char damage[100];
        if (region_damage(packed, damage, sizeof damage))
            return damage;
        region_make_constant(packed);
        buffers->packed = packed->data;
    }
    if (current->workspace_bytes) {
        struct region *workspace = region_add("workspace", current->workspace_bytes(arguments, workers), place);
        if (!workspace)
            return "no memory for its workspace";
        buffers->workspace = workspace->data;
    }
    return NULL;
}

/* NULL, or what went wrong. */
static const char *open_variant(const struct request *request, int32_t workers) {
    const char *fault = current ? map_shared(request_text(request, "file")) : "there is no such variant";
    if (fault)
        return fault;
    struct region *held = argument_region(request);
    if (!held || held->bytes < sizeof(mg_buffers))
        return "there are no arguments";
    arguments = held->data;
    poison = (uint32_t)request_number(request, "poison");
    bool exact = request_number(request, "exact") != 0;
    for (int i = 0; i < request->count && !fault; i++)
        if (strcmp(request->keys[i], "operand") == 0)
            fault = add_operand(request->values[i], held->bytes, exact ? REGION_EXACT : REGION_ORDINARY);
    fault = fault ? fault : add_buffers(workers, exact ? REGION_ALIGNED : REGION_ORDINARY);
    region_make_constant(held);
    return fault;
}

void kernel_open(const struct request *request, const mg_team *team) {
    kernel_close();
    const mg_variant *row = variant(request);
    current = row ? row->kernel : NULL;
    const char *fault = open_variant(request, mg_team_workers(team));
    if (fault)
        kernel_close();
    reply_text(fault ? "failed" : "ok", fault);
}

void kernel_close(void) {
    regions_free();
    if (shared)
        munmap(shared, shared_bytes);
    shared = NULL;
    shared_bytes = 0;
    current = NULL;
    arguments = NULL;
}

int kernel_is_open(void) { return current != NULL; }

void kernel_poison(void) {
    for (int i = 0; i < region_count; i++)
        if (regions[i].output)
            for (size_t at = 0; at + sizeof poison <= regions[i].bytes; at += sizeof poison)
                memcpy(regions[i].data + at, &poison, sizeof poison);
    reply("ok=\n");
}

void kernel_run(const struct request *request, mg_team *team) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    mg_team_repeat(team, (int32_t)request_number(request, "workers"), current->run, arguments,
                   (int64_t)request_number(request, "times"));
    clock_gettime(CLOCK_MONOTONIC, &to);
    char line[64];
    int64_t nanoseconds = (to.tv_sec - from.tv_sec) * INT64_C(1000000000) + (to.tv_nsec - from.tv_nsec);
    snprintf(line, sizeof line, "ns=%" PRId64 "\n", nanoseconds);
    reply(line);
}

void kernel_fetch(void) {
    char what[100];
    for (int i = 0; i < region_count; i++) {
        if (region_damage(&regions[i], what, sizeof what)) {
            reply_text("failed", what);
            return;
        }
        if (regions[i].output && regions[i].bytes)
            memcpy(regions[i].shared, regions[i].data, regions[i].bytes);
    }
    reply("ok=\n");
}
