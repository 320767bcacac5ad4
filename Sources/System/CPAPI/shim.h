#pragma once
/* PAPI 7: the version constant is a function-like macro, which Swift does not import. */
#include <papi.h>

static inline int mg_papi_current_version(void) { return PAPI_VER_CURRENT; }
