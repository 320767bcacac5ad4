"""NumPy's OpenBLAS with its kernels for AVX2: a rival of `--isa avx2`."""

import os

os.environ["OPENBLAS_CORETYPE"] = "Haswell"

import oracle_scipy_openblas  # noqa: E402,F401
