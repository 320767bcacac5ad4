/* How large a row of the cache is. */
#include "cache.h"

int64_t mg_cache_row_bytes(mg_cache_format format, int64_t dim) {
    switch (format) {
    case MG_CACHE_F32:
        return dim * 4;
    case MG_CACHE_BF16:
        return dim * 2;
    case MG_CACHE_Q8:
        break;
    }
    /* The last block may be shorter; rows stay on multiples of 4. */
    return (dim + CACHE_BLOCK - 1) / CACHE_BLOCK * 4 + (dim + 3) / 4 * 4;
}
