#pragma once
/* The lines between mgbench and this process: a request is `word<TAB>key=value<TAB>...`, its answer one line of
   `key=value<TAB>...`. */
#include <stddef.h>
#include <stdint.h>

enum { MOST_FIELDS = 64 };

struct request {
    char *word; /* NULL if the line was empty */
    int count;
    char *keys[MOST_FIELDS], *values[MOST_FIELDS];
};

/* Cuts the line into pieces, which stay in it. */
struct request request_parse(char *line);

/* The first value of this key, "" without one; the same as a number. */
const char *request_text(const struct request *request, const char *key);
uint64_t request_number(const struct request *request, const char *key);

/* Keeps standard output for answers: what a plugin prints goes to standard error. False if it cannot be had. */
int reply_open(void);

/* Writes whole lines. Ends this process if nobody reads them. May be called by a signal's handler. */
void reply_bytes(const char *text, size_t length);
void reply(const char *line);

/* One line `key=text`, without the characters that separate; NULL is an empty text. */
void reply_text(const char *key, const char *text);
