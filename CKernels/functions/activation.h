#pragma once
/* The activations of epilogues and feed-forward layers, once for every instruction set: constants and the argument.

   SiLU        x / (1 + e^-x)
   GELU, tanh  x/2·(1 + tanh z) = x / (1 + e^-2z), 2z = x·(1.5958 + 0.0714·x²): one exponential, no tanh
   Both are x / (1 + 2^t) with log2(e) folded into the constants of t. They divide anyway, so 2^t may be a quotient,
   too: with t = n + r, n the nearest integer, 2^r = (A + r) / (A - r) with A = A0 + A1·r², and

       x / (1 + 2^t) = x · (A - r) / ((A - r) + 2^n·(A + r)).

   A0 and A1 are fitted by us: 2^r is off by a relative 2^-21.1, of which SiLU keeps at most 0.224, 2^-23.2. Two
   multiply-adds fewer than the polynomial of degree 5 for 2^r, and the multiplier is what these functions wait for.

   GELU, erf   x·Φ(x), Φ the normal distribution. Its tail Q(t) = 1 - Φ(t), t = |x|, falls from 1/2 like e^(-t²/2), so
               its logarithm is nearly a parabola: Q(t) = 2^(-1 + Q1·t + ... + Q8·t^8), fitted by us to the least
   largest t·|error of Q| on t <= 6, 2^-25.5; beyond, the polynomial falls on, and Q is 0 soon. No division. Φ(x) is
               Q(-x) for x < 0 and 1 - Q(x) else.
   GELU, erf, where a register can be a table (AVX-512): Q(t) itself in 32 pieces of third degree
   (functions/gelu_table.h), and max(x, 0) - t·Q(t). t is counted in widths; adding 2^23 - 12 rounds it to the centre of
   its piece and leaves the piece's number in the low bits of the sum. Below 2^23 floats lie half as far apart as above,
               so the pieces up to t = 12 widths are half as wide, where Q is more curved. t·|error of Q| <= 2^-23.3.

   Each is within 4 ulp or 2^-22 of the definition. NaN gives NaN, and so does -inf, as in the definitions (-inf·0). */

#define MG_SILU_SLOPE -0x1.715476p0f /* -log2(e) */
/* -2·sqrt(2/π)·log2(e), and that times 0.044715. */
#define MG_GELU_LINEAR -0x1.26aec2p1f
#define MG_GELU_CUBIC -0x1.a5a7d0p-4f

#define MG_POWER_A0 0x1.71550ep+1f
#define MG_POWER_A1 0x1.d801c6p-4f

/* Pieces to a unit of t, what is added to find a piece, and the centre of the last one, from where on Q is 0. */
#define MG_GELU_PER_WIDTH 0x1.a3ac1p+1f
#define MG_GELU_FIND 0x1.ffffdp+22f
#define MG_GELU_LAST 0x1.72e148p+2f

#define MG_GELU_Q1 -0x1.26af2ap0f
#define MG_GELU_Q2 -0x1.d62d3cp-2f
#define MG_GELU_Q3 -0x1.af69a6p-5f
#define MG_GELU_Q4 0x1.df471ap-8f
#define MG_GELU_Q5 -0x1.5cfd1cp-12f
#define MG_GELU_Q6 -0x1.b2b75ep-14f
#define MG_GELU_Q7 0x1.6d1bf8p-16f
#define MG_GELU_Q8 -0x1.698476p-20f
