#pragma once
/* The activations of epilogues and feed-forward layers, once for every instruction set: constants and the argument.

   SiLU        x / (1 + e^-x)
   GELU, tanh  x/2·(1 + tanh z) = x / (1 + e^-2z), 2z = x·(1.5958 + 0.0714·x²): one exponential, no tanh
   Both are x / (1 + 2^t) with log2(e) folded into the constants of t, which saves the multiplication, and the split
   logarithm of exp besides (mg_exp.h).

   GELU, erf   x·Φ(x), Φ the normal distribution. Its tail Q(t) = 1 - Φ(t), t = |x|, falls from 1/2 like e^(-t²/2), so
               its logarithm is nearly a parabola: Q(t) = 2^(-1 + Q1·t + ... + Q8·t^8), fitted by us to the least
   largest t·|error of Q| on t <= 6, 2^-25.5; beyond, the polynomial falls on, and Q is 0 soon. No division. Φ(x) is
               Q(-x) for x < 0 and 1 - Q(x) else. (Until now: Hastings' form of 1955, e^(-t²/2) times a polynomial of
               1 / (1 + 0.3·t), which costs a division and two more constants of exp.)

   Each is within 4 ulp or 2^-22 of the definition. NaN gives NaN, and so does -inf, as in the definitions (-inf·0). */

#define MG_SILU_SLOPE -0x1.715476p0f /* -log2(e) */
/* -2·sqrt(2/π)·log2(e), and that times 0.044715. */
#define MG_GELU_LINEAR -0x1.26aec2p1f
#define MG_GELU_CUBIC -0x1.a5a7d0p-4f

#define MG_GELU_Q1 -0x1.26af2ap0f
#define MG_GELU_Q2 -0x1.d62d3cp-2f
#define MG_GELU_Q3 -0x1.af69a6p-5f
#define MG_GELU_Q4 0x1.df471ap-8f
#define MG_GELU_Q5 -0x1.5cfd1cp-12f
#define MG_GELU_Q6 -0x1.b2b75ep-14f
#define MG_GELU_Q7 0x1.6d1bf8p-16f
#define MG_GELU_Q8 -0x1.698476p-20f
