/* mgbench-plugin-host PLUGIN WORKERS [CPU,CPU...]: runs the kernels of a plugin for mgbench, which speaks to it in
   lines of `word<TAB>key=value<TAB>...` and is answered by a line of `key=value<TAB>...` for each.

   It knows no family: mgbench sends the argument struct as bytes, and for each operand where in that struct its pointer
   belongs and where in a shared file its values lie. Each operand is copied into a mapping of its own between pages
   that cannot be touched. If the plugin crashes, this process ends with the signal, and says first what was overrun. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mg_plugin.h"
#include "mg_team.h"

enum { MOST_REGIONS = 20, MOST_FIELDS = 64, MARGIN = 0xA5, HUGE = 2 << 20 };

/* `bytes` at `data` that the kernel may use, in the pages `low ..< high`; the pages beside those are PROT_NONE, and
   what of the pages is not `data` holds MARGIN. */
struct region {
    char name[32];
    char *mapping, *low, *data, *high;
    size_t mapped, bytes;
    bool constant; /* PROT_READ once it is filled */
    bool output;
    char *shared; /* the operand's place in the shared file; NULL for what only the kernel sees */
};

static struct region regions[MOST_REGIONS];
static int region_count;
static size_t page;
static int replies; /* standard output; the plugin's own printing goes to standard error */

static const mg_plugin *plugin;
static mg_team *team;
static const mg_variant *current;
static void *arguments;
static char *shared;
static size_t shared_bytes;
static uint32_t poison;

static void reply(const char *text) {
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t count = write(replies, text, length);
        if (count <= 0)
            _exit(0);
        text += count;
        length -= (size_t)count;
    }
}

/* A value on one line, without the separators. */
static void reply_text(const char *key, const char *text) {
    char line[1000];
    int length = snprintf(line, sizeof line - 1, "%s=%s", key, text ? text : "");
    if (length > (int)sizeof line - 2)
        length = (int)sizeof line - 2;
    for (int i = 0; i < length; i++)
        if (line[i] == '\n' || line[i] == '\t' || line[i] == '\r')
            line[i] = ' ';
    line[length] = '\n';
    line[length + 1] = 0;
    reply(line);
}

/* --- Memory ------------------------------------------------------------------------------------------------------ */

/* `exact`: the last byte lies before the guard page, whatever alignment that gives. Else 64-byte aligned, and large
   ones on pages of 2 MiB as mgbench's own operands are. NULL if there is no memory. */
static struct region *region(const char *name, size_t bytes, bool exact) {
    if (region_count == MOST_REGIONS)
        return NULL;
    bool huge = !exact && bytes >= HUGE;
    size_t body = bytes ? (bytes + page - 1) / page * page : page;
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
    new->data = huge ? new->low : new->high - (exact ? bytes : (bytes + 63) / 64 * 64);
    memset(new->low, MARGIN, body);
    mprotect(new->low - page, page, PROT_NONE);
    mprotect(new->high, page, PROT_NONE);
    return new;
}

static void make_constant(struct region *region) {
    region->constant = true;
    mprotect(region->low, (size_t)(region->high - region->low), PROT_READ);
}

static void close_all(void) {
    for (int i = 0; i < region_count; i++)
        munmap(regions[i].mapping, regions[i].mapped);
    region_count = 0;
    if (shared)
        munmap(shared, shared_bytes);
    shared = NULL;
    shared_bytes = 0;
    current = NULL;
    arguments = NULL;
}

/* How far beside a region was written, in words; false if nothing was. */
static bool damage(const struct region *region, char *text, size_t size) {
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

/* --- Faults ------------------------------------------------------------------------------------------------------ */

static char *append(char *to, const char *text) {
    while (*text)
        *to++ = *text++;
    return to;
}

static char *append_number(char *to, size_t number) {
    char digits[24];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while (number /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

/* Says which operand was overrun, then lets the signal end the process. Calls nothing that a handler may not. */
static void on_fault(int number, siginfo_t *info, void *context) {
    (void)context;
    const char *address = info->si_addr;
    for (int i = 0; i < region_count; i++) {
        const struct region *region = &regions[i];
        char line[200], *end = append(line, "fault=");
        if (address >= region->high && address < region->high + page) {
            end = append_number(end, (size_t)(address - region->data) - region->bytes);
            end = append(end, " bytes behind the end of ");
        } else if (address >= region->low - page && address < region->low) {
            end = append_number(end, (size_t)(region->data - address));
            end = append(end, " bytes before the beginning of ");
        } else if (region->constant && address >= region->low && address < region->high) {
            end = append(end, "writing into the constant ");
        } else {
            continue;
        }
        end = append(append(end, region->name), "\n");
        if (write(replies, line, (size_t)(end - line)) < 0)
            _exit(1);
        break;
    }
    signal(number, SIG_DFL);
}

static void catch_faults(void) {
    static char stack[1 << 16];
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

/* --- Requests ---------------------------------------------------------------------------------------------------- */

struct request {
    char *word;
    int count;
    char *keys[MOST_FIELDS], *values[MOST_FIELDS];
};

static struct request parse(char *line) {
    struct request request = {.word = strtok(line, "\t\n")};
    for (char *field; request.count < MOST_FIELDS && (field = strtok(NULL, "\t\n"));) {
        char *equals = strchr(field, '=');
        if (!equals)
            continue;
        *equals = 0;
        request.keys[request.count] = field;
        request.values[request.count++] = equals + 1;
    }
    return request;
}

static const char *text(const struct request *request, const char *key) {
    for (int i = 0; i < request->count; i++)
        if (strcmp(request->keys[i], key) == 0)
            return request->values[i];
    return "";
}

static uint64_t number(const struct request *request, const char *key) {
    return strtoull(text(request, key), NULL, 10);
}

static const mg_variant *variant(const struct request *request) {
    uint64_t index = number(request, "variant");
    return plugin && index < (uint64_t)plugin->count ? plugin->variants[index] : NULL;
}

/* The argument struct from its digits, in a region of its own; NULL if there is no memory. */
static struct region *argument_region(const struct request *request) {
    const char *digits = text(request, "arguments");
    size_t bytes = strlen(digits) / 2;
    struct region *held = region("the arguments", bytes, false);
    if (!held)
        return NULL;
    for (size_t i = 0; i < bytes; i++) {
        char pair[3] = {digits[2 * i], digits[2 * i + 1], 0};
        held->data[i] = (char)strtoul(pair, NULL, 16);
    }
    return held;
}

static void hello(const char *path) {
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
        snprintf(line, sizeof line, "abi=%d\tfamily=%.60s\tvariants=%" PRId32 "\tbytes=%zu\n", MG_PLUGIN_ABI,
                 plugin->family ? plugin->family : "", plugin->count, plugin->argument_bytes);
    }
    reply(line);
}

static void describe(const struct request *request) {
    const mg_variant *row = variant(request);
    if (!row || !row->name || !row->run) {
        reply_text("failed", "a variant without a name or without run");
        return;
    }
    char line[64];
    const char *what = text(request, "what");
    if (strcmp(what, "needs") == 0) {
        snprintf(line, sizeof line, "%" PRIu32, row->needs);
        reply_text("text", line);
    } else {
        reply_text("text", strcmp(what, "story") == 0 ? row->story : row->name);
    }
}

static void refuses(const struct request *request) {
    const mg_variant *row = variant(request);
    close_all();
    struct region *held = argument_region(request);
    const char *why = row && held && row->refuses ? row->refuses(held->data) : NULL;
    reply_text(why ? "refused" : "ok", why);
    close_all();
}

/* NULL, or what went wrong. */
static const char *open_operands(const struct request *request) {
    bool exact = number(request, "exact") != 0;
    int file = open(text(request, "file"), O_RDWR | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0)
        return "the operands' file cannot be opened";
    shared_bytes = (size_t)status.st_size;
    if (shared_bytes) {
        void *mapping = mmap(NULL, shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        shared = mapping == MAP_FAILED ? NULL : mapping;
    }
    close(file);
    if (shared_bytes && !shared)
        return "the operands' file cannot be mapped";
    struct region *held = argument_region(request);
    if (!held || held->bytes < sizeof(mg_buffers))
        return "there are no arguments";
    arguments = held->data;
    poison = (uint32_t)number(request, "poison");
    for (int i = 0; i < request->count; i++) {
        if (strcmp(request->keys[i], "operand") != 0)
            continue;
        char name[32];
        size_t field, offset, bytes;
        int output;
        if (sscanf(request->values[i], "%31[^:]:%zu:%zu:%zu:%d", name, &field, &offset, &bytes, &output) != 5 ||
            field + sizeof(void *) > held->bytes || offset + bytes > shared_bytes)
            return "an operand is not understood";
        struct region *operand = region(name, bytes, exact);
        if (!operand)
            return "no memory for the operands";
        operand->shared = shared + offset;
        operand->output = output;
        if (!output) {
            if (bytes)
                memcpy(operand->data, operand->shared, bytes);
            make_constant(operand);
        }
        memcpy((char *)arguments + field, &operand->data, sizeof operand->data);
    }
    mg_buffers *buffers = arguments;
    if (current->packed_bytes && current->pack) {
        struct region *packed = region("packed", current->packed_bytes(arguments), false);
        if (!packed)
            return "no memory for what it packs";
        current->pack(arguments, packed->data);
        char what[100];
        static char kept[100];
        if (damage(packed, what, sizeof what))
            return strcpy(kept, what);
        make_constant(packed);
        buffers->packed = packed->data;
    }
    if (current->workspace_bytes) {
        struct region *workspace =
            region("workspace", current->workspace_bytes(arguments, mg_team_workers(team)), false);
        if (!workspace)
            return "no memory for its workspace";
        buffers->workspace = workspace->data;
    }
    make_constant(held);
    return NULL;
}

static void fill_outputs(void) {
    for (int i = 0; i < region_count; i++)
        if (regions[i].output)
            for (size_t at = 0; at + sizeof poison <= regions[i].bytes; at += sizeof poison)
                memcpy(regions[i].data + at, &poison, sizeof poison);
}

static void run(const struct request *request) {
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    mg_team_repeat(team, (int32_t)number(request, "workers"), current->run, arguments,
                   (int64_t)number(request, "times"));
    clock_gettime(CLOCK_MONOTONIC, &to);
    char line[64];
    int64_t nanoseconds = (to.tv_sec - from.tv_sec) * INT64_C(1000000000) + (to.tv_nsec - from.tv_nsec);
    snprintf(line, sizeof line, "ns=%" PRId64 "\n", nanoseconds);
    reply(line);
}

static void fetch(void) {
    char what[100];
    for (int i = 0; i < region_count; i++) {
        if (damage(&regions[i], what, sizeof what)) {
            reply_text("failed", what);
            return;
        }
        if (regions[i].output && regions[i].bytes)
            memcpy(regions[i].shared, regions[i].data, regions[i].bytes);
    }
    reply("ok=\n");
}

static void answer(struct request request, const char *path) {
    if (strcmp(request.word, "hello") == 0) {
        hello(path);
    } else if (strcmp(request.word, "describe") == 0) {
        describe(&request);
    } else if (strcmp(request.word, "refuses") == 0) {
        refuses(&request);
    } else if (strcmp(request.word, "open") == 0) {
        close_all();
        current = variant(&request);
        const char *fault = current ? open_operands(&request) : "there is no such variant";
        if (fault)
            close_all();
        reply_text(fault ? "failed" : "ok", fault);
    } else if (strcmp(request.word, "close") == 0) {
        close_all();
        reply("ok=\n");
    } else if (!current) {
        reply("failed=nothing is open\n");
    } else if (strcmp(request.word, "poison") == 0) {
        fill_outputs();
        reply("ok=\n");
    } else if (strcmp(request.word, "run") == 0) {
        run(&request);
    } else if (strcmp(request.word, "fetch") == 0) {
        fetch();
    } else {
        reply("failed=it is not understood\n");
    }
}

int main(int count, char **words) {
    if (count < 3) {
        fprintf(stderr, "mgbench-plugin-host: mgbench starts this program to run a plugin\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    page = (size_t)sysconf(_SC_PAGESIZE);
    replies = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    int32_t workers = (int32_t)strtol(words[2], NULL, 10), cpus[1024], pinned = 0;
    if (count > 3)
        for (char *cpu = strtok(words[3], ","); cpu && pinned < 1024; cpu = strtok(NULL, ","))
            cpus[pinned++] = (int32_t)strtol(cpu, NULL, 10);
    team = mg_team_create(workers, pinned == workers ? cpus : NULL);
    if (replies < 0 || !team)
        return 1;
    catch_faults();
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        struct request request = parse(line);
        if (request.word)
            answer(request, words[1]);
    }
    mg_team_destroy(team);
    return 0;
}
