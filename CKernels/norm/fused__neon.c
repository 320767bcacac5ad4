/* fused.tmpl.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions a value as AVX2. */
#if defined(__aarch64__)
#include "vectors/neon.h"

#include "fused.tmpl.h"

const mg_kernel mg_norm_fused__neon = {.run = fused};
#endif
