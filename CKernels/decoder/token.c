/* The ways to compute attention of one token, best first, and how much memory they take. */
#include "mg_decoder.h"
#include "token_shape.h"

extern const mg_token_variant mg_token__avx512, mg_token__avx2, mg_token__neon;

static const mg_token_variant *const variants[] = {
#if defined(__x86_64__)
    &mg_token__avx512, &mg_token__avx2,
#endif
#if defined(__aarch64__)
    &mg_token__neon,
#endif
    NULL};

const mg_token_variant *const *mg_token_variants(int32_t *count) {
    *count = (int32_t)(sizeof variants / sizeof variants[0]) - 1;
    return variants;
}

int64_t mg_token_partial_floats(int64_t heads, int64_t dim, int64_t capacity) {
    return heads * token_most_chunks(capacity) * (token_padded(dim) + 2);
}

int64_t mg_token_scratch_floats(int64_t dim) {
    /* Queries, rows of keys or values, scores, and a key that is being turned. */
    return (TOKEN_ROWS + TOKEN_LANES + 1) * token_padded(dim) + TOKEN_ROWS * TOKEN_LONG;
}
