/* twopass.tmpl.h with 16 lanes: a third of the instructions are loads and stores, so twice the width is what counts.
 * Needs AVX-512 F and DQ; gains nothing on AVX2 where rows come from memory. */
#if defined(__x86_64__)
#include "vectors/avx512.h"

MG_TARGET_AVX512
#include "twopass.tmpl.h"
MG_UNTARGET

const mg_kernel mg_norm_twopass__avx512 = {.run = twopass};
#endif
