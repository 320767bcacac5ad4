/* polynomial.tmpl.h with 4 lanes of NEON, part of every arm64. */
#if defined(__aarch64__)
#include "functions/neon.h"

#include "polynomial.tmpl.h"

const mg_kernel mg_elementwise_polynomial__neon = {.run = polynomial};
#endif
