#pragma once
/* ffn: the feed-forward layer of a transformer block.
   GELU:   out = act(x·W_up + b_up) · W_down + b_down
   SwiGLU: out = (silu(x·W_gate) ∘ (x·W_up)) · W_down          (no biases: all bias pointers NULL)
   x, out: [tokens][model]; W_up, W_gate: [model][hidden]; W_down: [hidden][model].
   With dtype MG_BF16, x and the weights are bf16; the sums, the biases, the activation and out are f32, and the hidden
   values, act(...) or silu(...) ∘ (...), are rounded to bf16 before the last product. */
#include "mg_variant.h"

typedef struct mg_ffn {
    mg_buffers buffers;
    int64_t tokens, model, hidden;
    mg_activation activation; /* MG_GELU_ERF, MG_GELU_TANH, or MG_SILU for SwiGLU */
    mg_dtype dtype;           /* of x and the weights */
    const void *x;
    const void *w_gate; /* SwiGLU only, else NULL */
    const void *w_up, *w_down;
    const float *b_up, *b_down; /* [hidden], [model], or NULL */
    float *out;
} mg_ffn;

const mg_family *mg_ffn_family(void);
