/* polynomial.h with 8 lanes: powers of two are put together by integer shifts, and the ends of exp's range by blends.
   Runs on any x86 of the last ten years. Loses to AVX-512 by those instructions. */
#if defined(__x86_64__)
#include "../ffn/mg_activation_avx2.h"
#include "../softmax/lanes_avx2.h"
#include "mg_tanh_avx2.h"

MG_TARGET_AVX2
MG_INLINE mg_lanes elementwise_exp(mg_lanes x) { return mg_exp__avx2(x); }
MG_INLINE mg_lanes elementwise_tanh(mg_lanes x) { return mg_tanh__avx2(x); }
MG_INLINE mg_lanes elementwise_activate(mg_lanes x, mg_activation f) { return mg_activate__avx2(x, f); }
MG_INLINE mg_lanes elementwise_logistic(mg_lanes x, float slope) { return mg_logistic__avx2(x, slope); }
#include "polynomial.h"
MG_UNTARGET

const mg_kernel mg_elementwise_polynomial__avx2 = {.run = polynomial};
#endif
