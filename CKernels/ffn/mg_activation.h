#pragma once
/* The activations of epilogues and feed-forward layers, once for every instruction set: constants and the argument.

   SiLU        x / (1 + e^-x)
   GELU, tanh  x/2·(1 + tanh z) = x / (1 + e^-2z), 2z = x·(LINEAR + CUBIC·x²): one exponential, no tanh
   GELU, erf   x·Φ(x), Φ the normal distribution. Its tail is Q(t) = 1 - Φ(t) = e^(-t²/2)·R(s), s = 1 / (1 + SLOPE·t),
               t >= 0: the form of Hastings 1955, with R = s·(R1 + R2·s + ... + R8·s^7) fitted by us to a relative error
               below 2^-24 on t <= 11. Φ(x) is Q(-x) for x < 0 and 1 - Q(x) else.

   Each is within 4 ulp or 2^-22 of the definition. NaN gives NaN, and so does -inf, as in the definitions (-inf·0). */

/* 2·sqrt(2/π), and that times 0.044715. */
#define MG_GELU_LINEAR 1.59576912160573f
#define MG_GELU_CUBIC 0.0713548162726009f

#define MG_GELU_SLOPE 0.3f
#define MG_GELU_R1 0x1.e9ea1ap-4f
#define MG_GELU_R2 0x1.efe59ep-4f
#define MG_GELU_R3 0x1.916ff2p-4f
#define MG_GELU_R4 0x1.13dffap-3f
#define MG_GELU_R5 -0x1.0a8f8ap-4f
#define MG_GELU_R6 0x1.bf98b0p-3f
#define MG_GELU_R7 -0x1.5049e8p-3f
#define MG_GELU_R8 0x1.31e4b4p-5f
