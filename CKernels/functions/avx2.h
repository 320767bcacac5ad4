#pragma once
/* The functions of a vector of AVX2, under the names that kernels call them by. */
#include "activation_avx2.h"
#include "exp_avx2.h"
#include "tanh_avx2.h"
#include "vectors/avx2.h"

MG_TARGET("avx2,fma")
/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__avx2(x); }
/* exp of any value. */
MG_INLINE mg_lanes mg_exp_any(mg_lanes x) { return mg_exp__avx2(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__avx2(t); }
MG_INLINE mg_lanes mg_tanh(mg_lanes x) { return mg_tanh__avx2(x); }
MG_INLINE mg_lanes mg_activate(mg_lanes x, mg_activation activation) { return mg_activate__avx2(x, activation); }
/* x / (1 + 2^(slope·x)). */
MG_INLINE mg_lanes mg_logistic(mg_lanes x, float slope) { return mg_logistic__avx2(x, slope); }
MG_UNTARGET
