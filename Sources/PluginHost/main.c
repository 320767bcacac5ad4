/* mgbench-plugin-host PLUGIN WORKERS [CPU,CPU...]: runs the kernels of a plugin for mgbench, which asks in lines
   (lines.h) what kernel.h lists.

   It knows no family: mgbench sends the argument struct as bytes, and for each operand where in that struct its pointer
   belongs and where in a shared file its values lie. Each operand is copied into a mapping of its own between pages
   that cannot be touched (regions.h). If the plugin crashes, this process ends with the signal, and says first what was
   overrun (faults.c).

   It needs nothing but a C library: built for another processor of the same byte order and sizes, it runs under an
   emulator for `mgbench verify --plugin-host`. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "kernel.h"
#include "regions.h"

static void answer(const struct request *request, const char *path, mg_team *team) {
    if (strcmp(request->word, "hello") == 0) {
        kernel_hello(path);
    } else if (strcmp(request->word, "describe") == 0) {
        kernel_describe(request);
    } else if (strcmp(request->word, "refuses") == 0) {
        kernel_refuses(request);
    } else if (strcmp(request->word, "open") == 0) {
        kernel_open(request, team);
    } else if (strcmp(request->word, "close") == 0) {
        kernel_close();
        reply("ok=\n");
    } else if (!kernel_is_open()) {
        reply("failed=nothing is open\n");
    } else if (strcmp(request->word, "poison") == 0) {
        kernel_poison();
    } else if (strcmp(request->word, "run") == 0) {
        kernel_run(request, team);
    } else if (strcmp(request->word, "fetch") == 0) {
        kernel_fetch();
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
    int32_t workers = (int32_t)strtol(words[2], NULL, 10), cpus[1024], pinned = 0;
    if (count > 3)
        for (char *cpu = strtok(words[3], ","); cpu && pinned < 1024; cpu = strtok(NULL, ","))
            cpus[pinned++] = (int32_t)strtol(cpu, NULL, 10);
    mg_team *team = mg_team_create(workers, pinned == workers ? cpus : NULL);
    if (!team || !reply_open())
        return 1;
    regions_report_faults();
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        struct request request = request_parse(line);
        if (request.word)
            answer(&request, words[1], team);
    }
    mg_team_destroy(team);
    return 0;
}
