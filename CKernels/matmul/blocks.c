/* The blocks of gemm.tmpl.h for the widest instruction set of each architecture. */
#include "mg_blocks.h"

#if defined(__x86_64__)
#include "gemm_avx512.h"
MG_TARGET_AVX512
#include "gemm.tmpl.h"
MG_UNTARGET
#elif defined(__aarch64__)
#include "gemm_neon.h"
#include "gemm.tmpl.h"
#endif

static const mg_block blocks[] = {
    {"matmul, ffn: a panel of B over a block of k", (int64_t)GEMM_PANEL *GEMM_BLOCK_K * sizeof(float), 2},
};

const mg_block *mg_blocks(int32_t *count) {
    *count = (int32_t)(sizeof blocks / sizeof blocks[0]);
    return blocks;
}
