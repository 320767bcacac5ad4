/* polynomial.h with 16 lanes: vscalefps multiplies by 2^n, a mask does the last values, and 32 registers hold all
   constants. Twice the work for each instruction of AVX2, and fewer of them; where 512-bit units are halves in turn
   (Zen 4), only the latter counts. Needs AVX-512 F and DQ. */
#if defined(__x86_64__)
#include "../ffn/mg_activation_avx512.h"
#include "../softmax/lanes_avx512.h"
#include "mg_tanh_avx512.h"

MG_TARGET_AVX512
MG_INLINE mg_lanes elementwise_exp(mg_lanes x) { return mg_exp__avx512(x); }
MG_INLINE mg_lanes elementwise_tanh(mg_lanes x) { return mg_tanh__avx512(x); }
MG_INLINE mg_lanes elementwise_activate(mg_lanes x, mg_activation f) { return mg_activate__avx512(x, f); }
MG_INLINE mg_lanes elementwise_logistic(mg_lanes x, float slope) { return mg_logistic__avx512(x, slope); }
#include "polynomial.h"
MG_UNTARGET

const mg_kernel mg_elementwise_polynomial__avx512 = {.run = polynomial};
#endif
