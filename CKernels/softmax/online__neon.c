/* online.h with 4 lanes, for every 64-bit Arm CPU. Twice as many instructions an element as AVX2. */
#if defined(__aarch64__)
#include "lanes_neon.h"

#include "online.h"

const mg_kernel mg_softmax_online__neon = {.run = online};
#endif
