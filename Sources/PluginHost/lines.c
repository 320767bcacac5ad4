#include "lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int replies = -1;

struct request request_parse(char *line) {
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

const char *request_text(const struct request *request, const char *key) {
    for (int i = 0; i < request->count; i++)
        if (strcmp(request->keys[i], key) == 0)
            return request->values[i];
    return "";
}

uint64_t request_number(const struct request *request, const char *key) {
    return strtoull(request_text(request, key), NULL, 10);
}

int reply_open(void) {
    replies = dup(STDOUT_FILENO);
    return replies >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0;
}

void reply_bytes(const char *text, size_t length) {
    while (length > 0) {
        ssize_t count = write(replies, text, length);
        if (count <= 0)
            _exit(0);
        text += count;
        length -= (size_t)count;
    }
}

void reply(const char *line) { reply_bytes(line, strlen(line)); }

void reply_text(const char *key, const char *text) {
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
