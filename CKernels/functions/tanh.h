#pragma once
/* The vector tanh, once for every instruction set: constants and the argument.

   tanh|x| = d / (d + 2), d = e^(2|x|) - 1, and the sign of x. Where |x| is small, so is d: it must come with a small
   relative error, which a difference of e^(2|x|) and 1 would not have. With 2|x| = n·ln2 + r and |r| <= ln2/2,

       d = 2^n·(e^r - 1) + (2^n - 1),    e^r - 1 = r + r²·(D2 + D3·r + ... + D6·r^4)

   the second summand is exact and 0 for n = 0. The polynomial is fitted by us to the least largest relative error of
   e^r - 1 (2^-26). ln2 is one float, not two as in exp: n times its error moves e^(2|x|) by a relative n·2^-29, and
   tanh by less the larger n is. Beyond 2|x| = 20 tanh rounds to 1, and there x is cut off. */
#define MG_TANH_LOG2E 0x1.715476p0f
#define MG_TANH_LN2 0x1.62e430p-1f
#define MG_TANH_ROUND 0x1.8p23f
#define MG_TANH_HIGHEST 20.0f
#define MG_TANH_D2 0x1.fffffep-2f
#define MG_TANH_D3 0x1.5554b0p-3f
#define MG_TANH_D4 0x1.5556fep-5f
#define MG_TANH_D5 0x1.12285ap-7f
#define MG_TANH_D6 0x1.6b92f0p-10f
