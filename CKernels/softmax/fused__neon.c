/* fused.tmpl.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions an element as AVX2. */
#if defined(__aarch64__)
#include "functions/neon.h"

#include "fused.tmpl.h"

const mg_kernel mg_softmax_fused__neon = {.run = fused};
#endif
