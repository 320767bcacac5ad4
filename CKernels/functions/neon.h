#pragma once
/* The functions of a vector of NEON, under the names that kernels call them by. */
#include "activation_neon.h"
#include "exp_neon.h"
#include "tanh_neon.h"
#include "vectors/neon.h"

/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__neon(x); }
/* exp of any value. */
MG_INLINE mg_lanes mg_exp_any(mg_lanes x) { return mg_exp__neon(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__neon(t); }
MG_INLINE mg_lanes mg_tanh(mg_lanes x) { return mg_tanh__neon(x); }
MG_INLINE mg_lanes mg_activate(mg_lanes x, mg_activation activation) { return mg_activate__neon(x, activation); }
/* x / (1 + 2^(slope·x)). */
MG_INLINE mg_lanes mg_logistic(mg_lanes x, float slope) { return mg_logistic__neon(x, slope); }
