#pragma once
/* The tiles of gemm.tmpl.h for NEON: 6 × 16, so 24 of the 32 registers accumulate, four hold a row of the panel
   and one a value of A. */
#include "functions/neon.h"

enum { GEMM_VECTORS = 4 };
#define GEMM_ROWS 6
#define GEMM_THIN 1
#define GEMM_UNIT 1

MG_INLINE mg_lanes gemm_multiply_add(mg_lanes sum, mg_lanes a, mg_lanes b) { return vfmaq_f32(sum, a, b); }
