/* polynomial.tmpl.h with 8 lanes: powers of two are put together by integer shifts, and the ends of exp's range by
   blends. Runs on any x86 of the last ten years. Loses to AVX-512 by those instructions. */
#if defined(__x86_64__)
#include "functions/avx2.h"

MG_TARGET_AVX2
#include "polynomial.tmpl.h"
MG_UNTARGET

const mg_kernel mg_elementwise_polynomial__avx2 = {.run = polynomial};
#endif
