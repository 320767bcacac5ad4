/* polynomial.h with 4 lanes of NEON, part of every arm64. */
#if defined(__aarch64__)
#include "../ffn/mg_activation_neon.h"
#include "../softmax/lanes_neon.h"
#include "mg_tanh_neon.h"

MG_INLINE mg_lanes elementwise_exp(mg_lanes x) { return mg_exp__neon(x); }
MG_INLINE mg_lanes elementwise_tanh(mg_lanes x) { return mg_tanh__neon(x); }
MG_INLINE mg_lanes elementwise_activate(mg_lanes x, mg_activation f) { return mg_activate__neon(x, f); }
MG_INLINE mg_lanes elementwise_logistic(mg_lanes x, float slope) { return mg_logistic__neon(x, slope); }
#include "polynomial.h"

const mg_kernel mg_elementwise_polynomial__neon = {.run = polynomial};
#endif
