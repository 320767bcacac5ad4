/* twopass.tmpl.h with 8 lanes, for every x86 CPU since 2013. Needs AVX2 and FMA; tails by masked loads and stores, slow
 * on AMD but once a row. */
#if defined(__x86_64__)
#include "vectors/avx2.h"

MG_TARGET_AVX2
#include "twopass.tmpl.h"
MG_UNTARGET

const mg_kernel mg_norm_twopass__avx2 = {.run = twopass};
#endif
