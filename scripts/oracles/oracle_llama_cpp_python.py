"""ggml, as llama-cpp-python brings it: products with quantised weights, as stored (no repacking)."""

import ctypes
import glob
import importlib.metadata
import os
import sys

import oracle

oracle.ensure("llama-cpp-python", ["llama-cpp-python", "numpy"])
oracle.pin()

import numpy  # noqa: E402

PACKAGE = importlib.metadata.distribution("llama-cpp-python").locate_file("llama_cpp")


def load(name):
    found = sorted(glob.glob(os.path.join(PACKAGE, "lib", f"lib{name}.so*")))
    if not found:
        oracle.answer({"failed": f"lib{name}.so is not in the package"})
        sys.exit(1)
    return ctypes.CDLL(found[0], mode=ctypes.RTLD_GLOBAL)


class Parameters(ctypes.Structure):
    _fields_ = [("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool)]


base, cpu = load("ggml-base"), load("ggml-cpu")
P, I, L = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
for library, name, result, arguments in [
    (base, "ggml_init", P, [Parameters]), (base, "ggml_free", None, [P]),
    (base, "ggml_new_tensor_2d", P, [P, I, L, L]), (base, "ggml_new_tensor_1d", P, [P, I, L]),
    (base, "ggml_get_data", P, [P]), (base, "ggml_nbytes", ctypes.c_size_t, [P]),
    (base, "ggml_mul_mat", P, [P, P, P]), (base, "ggml_add", P, [P, P, P]), (base, "ggml_silu", P, [P, P]),
    (base, "ggml_gelu_erf", P, [P, P]), (base, "ggml_new_graph", P, [P]),
    (base, "ggml_build_forward_expand", None, [P, P]), (cpu, "ggml_backend_cpu_init", P, []),
    (cpu, "ggml_backend_cpu_set_n_threads", None, [P, I]), (base, "ggml_backend_graph_compute", I, [P, P]),
]:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments

TYPES = {"q8_0": 8, "q4_0": 2, "q4_1": 3}
ACTIVATIONS = {"identity": None, "silu": base.ggml_silu, "gelu": base.ggml_gelu_erf}
BACKEND = cpu.ggml_backend_cpu_init()
cpu.ggml_backend_cpu_set_n_threads(BACKEND, int(os.environ.get("OMP_NUM_THREADS", "1")))


def supports(family, problem):
    if family != "quantized_matmul":
        raise oracle.Refused("it is measured with quantised weights only")
    if problem["format"] == "q4_k":
        raise oracle.Refused("it rounds activations by blocks of 256, for which no error bound is derived")
    if problem["format"] not in TYPES:
        raise oracle.Refused(f"it has no format {problem['format']}")
    if problem["activation"] not in ACTIVATIONS:
        raise oracle.Refused(f"its {problem['activation']} goes through half precision")


class Graph:
    """One product in a context of its own, freed with it."""

    def __init__(self, problem, inputs):
        tokens, columns, rows = problem["tokens"], problem["inputs"], problem["outputs"]
        size = sum(array.nbytes for array in inputs.values()) + 16 * tokens * rows + (4 << 20)
        self.context = base.ggml_init(Parameters(size, None, False))
        weights = base.ggml_new_tensor_2d(self.context, TYPES[problem["format"]], columns, rows)
        activations = base.ggml_new_tensor_2d(self.context, 0, columns, tokens)
        self.fill(weights, inputs["weights"])
        self.fill(activations, inputs["a"])
        out = base.ggml_mul_mat(self.context, weights, activations)
        if "bias" in inputs:
            bias = base.ggml_new_tensor_1d(self.context, 0, rows)
            self.fill(bias, inputs["bias"])
            out = base.ggml_add(self.context, out, bias)
        activation = ACTIVATIONS[problem["activation"]]
        if activation is not None:
            out = activation(self.context, out)
        self.graph = base.ggml_new_graph(self.context)
        base.ggml_build_forward_expand(self.graph, out)
        data = ctypes.cast(base.ggml_get_data(out), ctypes.POINTER(ctypes.c_float))
        self.result = [numpy.ctypeslib.as_array(data, (tokens, rows))]

    @staticmethod
    def fill(tensor, array):
        if base.ggml_nbytes(tensor) != array.nbytes:
            raise ValueError(f"{array.nbytes} bytes, where ggml expects {base.ggml_nbytes(tensor)}")
        ctypes.memmove(base.ggml_get_data(tensor), array.ctypes.data, array.nbytes)

    def __call__(self):
        if base.ggml_backend_graph_compute(BACKEND, self.graph) != 0:
            raise RuntimeError("ggml could not compute the graph")
        return self.result

    def __del__(self):
        base.ggml_free(self.context)


def prepare(family, problem, inputs):
    supports(family, problem)
    return Graph(problem, inputs)


version = importlib.metadata.version("llama-cpp-python")
oracle.serve(f"ggml of llama-cpp-python {version}, weights as stored", prepare, supports)
