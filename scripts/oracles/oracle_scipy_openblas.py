"""The OpenBLAS that NumPy and SciPy ship, newer than a distribution's."""

import ctypes

import oracle

oracle.ensure("scipy-openblas", ["scipy-openblas32", "numpy"])
oracle.pin()

import scipy_openblas32  # noqa: E402

import blas  # noqa: E402

library = ctypes.CDLL(scipy_openblas32.get_lib_dir() + "/lib" + scipy_openblas32.get_library() + ".so")
configuration = library.scipy_openblas_get_config
configuration.restype = ctypes.c_char_p
core = library.scipy_openblas_get_corename
core.restype = ctypes.c_char_p
sgemm = library.scipy_cblas_sgemm
sgemm.restype = None
words = configuration().decode().split()[:2]
blas.serve(f"{' '.join(words)}, core {core().decode()}", sgemm)
