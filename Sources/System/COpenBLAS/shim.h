#pragma once
/* OpenBLAS as Debian packages it: cblas.h by the alternatives link, plus the pool's own controls. */
#include <cblas.h>
