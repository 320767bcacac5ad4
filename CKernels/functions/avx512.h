#pragma once
/* The functions of a vector of AVX-512, under the names that kernels call them by. */
#include "activation_avx512.h"
#include "exp_avx512.h"
#include "tanh_avx512.h"
#include "vectors/avx512.h"

MG_TARGET("avx512f,avx512bw,avx512dq")
/* exp of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp(mg_lanes x) { return mg_exp_nonpositive__avx512(x); }
/* exp of any value. */
MG_INLINE mg_lanes mg_exp_any(mg_lanes x) { return mg_exp__avx512(x); }
/* 2^t of values <= 0 or NaN. */
MG_INLINE mg_lanes mg_exp2(mg_lanes t) { return mg_exp2__avx512(t); }
MG_INLINE mg_lanes mg_tanh(mg_lanes x) { return mg_tanh__avx512(x); }
MG_INLINE mg_lanes mg_activate(mg_lanes x, mg_activation activation) { return mg_activate__avx512(x, activation); }
/* x / (1 + 2^(slope·x)). */
MG_INLINE mg_lanes mg_logistic(mg_lanes x, float slope) { return mg_logistic__avx512(x, slope); }
MG_UNTARGET
