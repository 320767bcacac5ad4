#pragma once
/* The vector exponential, once for every instruction set: constants and the argument.

   x = n·ln2 + r, n an integer, |r| <= ln2/2, so exp(x) = 2^n · exp(r). n comes from adding 1.5·2^23, which rounds
   x·log2(e) to the nearest integer and leaves n in the low bits of the sum. ln2 is split (Cody and Waite 1980) into
   a part of 15 bits, whose product with n is exact, and the rest. exp(r) is 1 + c1·r + ... + c5·r^5, fitted by us to
   the least largest error counted in units in the last place of the result (1.07 before rounding; a free c1 costs
   nothing, and is 0.3 ulp better than c1 = 1).

   Range: below MG_EXP_LOWEST the result would be subnormal and is 0; above the overflow threshold it is +inf. */

#define MG_EXP_ROUND 0x1.8p23f
#define MG_EXP_LOG2E 0x1.715476p0f
#define MG_EXP_LN2_HIGH 0x1.62e4p-1f
#define MG_EXP_LN2_LOW 0x1.7f7d1cp-20f
#define MG_EXP_C1 0x1.ffffeep-1f
#define MG_EXP_C2 0x1.fffdc2p-2f
#define MG_EXP_C3 0x1.555d3ep-3f
#define MG_EXP_C4 0x1.573b8cp-5f
#define MG_EXP_C5 0x1.0ebecap-7f

/* exp of this is the smallest normal result; exp of the next float below is subnormal. */
#define MG_EXP_LOWEST -0x1.5d589ep6f
/* exp of this is the largest finite result. */
#define MG_EXP_HIGHEST 0x1.62e42ep6f

/* 2^t = 2^n · 2^r, n = floor(t), 0 <= r < 1: no multiplication and no split constant, because t - n is exact. For
   callers who can fold log2(e) into a factor that they multiply by anyway. 2^r is fitted like exp(r), 0.99 ulp before
   rounding and 2.44 ulp after, and is 1 for r = 0. */
#define MG_EXP2_C1 0x1.62e4e2p-1f
#define MG_EXP2_C2 0x1.ebd524p-3f
#define MG_EXP2_C3 0x1.c969bcp-5f
#define MG_EXP2_C4 0x1.260324p-7f
#define MG_EXP2_C5 0x1.ee51c2p-10f
