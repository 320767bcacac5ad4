/* What a fault tells before it ends the process. Nothing here calls what a signal's handler may not. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "lines.h"
#include "regions.h"

static size_t page;

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
        reply_bytes(line, (size_t)(end - line));
        break;
    }
    signal(number, SIG_DFL);
}

void regions_report_faults(void) {
    static char stack[1 << 16];
    page = (size_t)sysconf(_SC_PAGESIZE);
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}
