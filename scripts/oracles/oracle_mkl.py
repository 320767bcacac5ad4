"""Intel MKL, by its C interface."""

import ctypes
import glob
import os
import sys

import oracle

oracle.ensure("mkl", ["mkl", "numpy"])
oracle.pin()

import blas  # noqa: E402

found = sorted(glob.glob(os.path.join(sys.prefix, "lib", "libmkl_rt.so*")))
if not found:
    oracle.answer({"failed": "libmkl_rt.so is not in its environment"})
    sys.exit(1)
mkl = ctypes.CDLL(found[0], mode=ctypes.RTLD_GLOBAL)
text = ctypes.create_string_buffer(200)
mkl.MKL_Get_Version_String(text, 200)
for function in (mkl.cblas_sgemm, mkl.cblas_gemm_bf16bf16f32):
    function.restype = None
blas.serve(" ".join(text.value.decode().split()), mkl.cblas_sgemm, mkl.cblas_gemm_bf16bf16f32)
