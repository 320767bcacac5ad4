#pragma once
/* Target regions: one file may hold code for an instruction set that the build does not assume.

       #include <immintrin.h>          // before the region
       MG_TARGET("avx2,fma")
       ... functions and their always-inline helpers ...
       MG_UNTARGET

   Inside, every function is compiled for that set; CPUID decides at run time whether it is called.
   __AVX512F__ and its kind are not defined in a region, and vectors must not cross its edge by value. */

#define MG_PRAGMA(text) _Pragma(#text)
#define MG_TARGET(isa) MG_PRAGMA(clang attribute push(__attribute__((target(isa))), apply_to = function))
#define MG_UNTARGET _Pragma("clang attribute pop")
#define MG_TARGET_AVX2 MG_TARGET("avx2,fma,f16c")
#define MG_TARGET_AVX512 MG_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")
#define MG_TARGET_AVX512_VNNI MG_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")
#define MG_TARGET_AVX512_BF16 MG_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,f16c")

#define MG_INLINE static inline __attribute__((always_inline))
