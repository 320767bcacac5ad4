"""A BLAS library reached by its C interface: the product of matrices, alone."""

import ctypes

import numpy

import oracle

ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE = 101, 111, 112


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


def serve(title, sgemm, bf16gemm=None, integer=ctypes.c_int):
    """sgemm, bf16gemm: C functions with the arguments of cblas_sgemm; bf16gemm multiplies bf16 into f32."""

    def supports(family, problem):
        if family != "matmul":
            raise oracle.Refused("a BLAS has products only")
        if problem["format"] != "f32" and bf16gemm is None:
            raise oracle.Refused("it has no bf16 product")
        if any(problem["epilogue"][part] not in (False, "identity") for part in ("bias", "activation", "residual")):
            raise oracle.Refused("a BLAS has no epilogue")

    def prepare(family, problem, inputs):
        supports(family, problem)
        m, n, k = problem["m"], problem["n"], problem["k"]
        a, b = inputs["a"], inputs["b"]
        c = numpy.empty((m, n), numpy.float32)
        transposed = problem["transposedB"]
        function = sgemm if problem["format"] == "f32" else bf16gemm
        arguments = (
            ctypes.c_int(ROW_MAJOR), ctypes.c_int(NO_TRANSPOSE), ctypes.c_int(TRANSPOSE if transposed else NO_TRANSPOSE),
            integer(m), integer(n), integer(k), ctypes.c_float(1), pointer(a), integer(k), pointer(b),
            integer(k if transposed else n), ctypes.c_float(0), pointer(c), integer(n))
        result = [c]
        kept = (a, b)

        def call():
            function(*arguments)
            return result

        call.kept = kept  # the pointers are valid as long as the arrays live
        return call

    oracle.serve(title, prepare, supports)
