#pragma once
/* Which keys a query sees. */
#include <float.h>
#include <stdint.h>
#include <string.h>

#include "mg_attention.h"
#include "mg_target.h"

/* Query `query` sees the keys below this, from 0 to all. */
MG_INLINE int64_t attention_visible(const mg_attention *a, int64_t query) {
    if (!a->causal)
        return a->keys;
    int64_t end = query + 1 + a->keys - a->queries;
    return end < 0 ? 0 : end < a->keys ? end : a->keys;
}

MG_INLINE int64_t attention_least(int64_t a, int64_t b) { return a < b ? a : b; }
MG_INLINE int64_t attention_most(int64_t a, int64_t b) { return a > b ? a : b; }

/* For the variants that compute f32 alone. */
MG_INLINE const char *attention_refuses_halves(const void *arguments) {
    const mg_attention *a = arguments;
    return a->dtype == MG_F32 ? NULL : "it computes f32 only";
}
