"""ggml, built from the sources that the package llama-cpp-python carries: products with quantised weights.

Built here and not by the package's own installation, which would compile every model of llama.cpp too, and which knows one
set of instructions for an environment. The options are llama.cpp's own defaults, but for the instruction set.
"""

import ctypes
import glob
import os
import subprocess
import sys
import tarfile

import oracle

NATIVE = ["-DGGML_NATIVE=ON"]
AVX2 = ["-DGGML_NATIVE=OFF"] + [f"-DGGML_{name}=ON" for name in ("SSE42", "AVX", "AVX2", "BMI2", "FMA", "F16C")]

PACKAGE = "llama-cpp-python"
P, I, L, Z = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_size_t
FUNCTIONS = {
    "ggml_init": (P, [P]), "ggml_free": (None, [P]), "ggml_get_data": (P, [P]), "ggml_nbytes": (Z, [P]),
    "ggml_new_tensor_1d": (P, [P, I, L]), "ggml_new_tensor_2d": (P, [P, I, L, L]), "ggml_mul_mat": (P, [P, P, P]),
    "ggml_add": (P, [P, P, P]), "ggml_silu": (P, [P, P]), "ggml_gelu_erf": (P, [P, P]), "ggml_new_graph": (P, [P]),
    "ggml_build_forward_expand": (None, [P, P]), "ggml_threadpool_params_init": (None, [P, I]),
    "ggml_backend_graph_compute": (I, [P, P]), "ggml_backend_cpu_buffer_type": (P, []),
    "ggml_backend_alloc_ctx_tensors_from_buft": (P, [P, P]), "ggml_backend_buffer_free": (None, [P]),
    "ggml_backend_tensor_set": (None, [P, P, Z, Z]), "ggml_backend_supports_op": (ctypes.c_bool, [P, P]),
    "ggml_backend_reg_get_proc_address": (P, [P, ctypes.c_char_p]), "ggml_backend_buft_name": (ctypes.c_char_p, [P]),
    "ggml_backend_cpu_init": (P, []), "ggml_backend_cpu_reg": (P, []), "ggml_backend_get_device": (P, [P]),
    "ggml_backend_cpu_set_n_threads": (None, [P, I]), "ggml_threadpool_new": (P, [P]),
    "ggml_backend_cpu_set_threadpool": (None, [P, P]),
}
# ggml's numbers for the formats.
F32 = 0
TYPES = {"q4_0": 2, "q4_1": 3, "q8_0": 8, "q4_k": 12}


class Parameters(ctypes.Structure):
    """ggml_init_params; passed by value, which a structure of this size is in memory."""

    _fields_ = [("mem_size", Z), ("mem_buffer", P), ("no_alloc", ctypes.c_bool)]


def builder(flags):
    def build(home, log):
        python, sources = str(home / "bin" / "python"), home / "sources"
        subprocess.run(
            [python, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", PACKAGE, "-d", str(sources), PACKAGE],
            check=True, stdout=log)
        archive = next(sources.glob("llama_cpp_python-*.tar.gz"))
        with tarfile.open(archive) as tar:
            tar.extractall(sources, filter="data")
        archive.unlink()
        top = next(sources.glob("llama_cpp_python-*"))
        cmake = str(home / "bin" / "cmake")
        # What a project that includes llama.cpp gets: without its programs, tests and servers.
        subprocess.run(
            [cmake, "-S", str(top / "vendor" / "llama.cpp"), "-B", str(home / "build"), "-G", "Ninja",
             f"-DCMAKE_MAKE_PROGRAM={home / 'bin' / 'ninja'}", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON",
             "-DLLAMA_BUILD_COMMON=OFF", "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_TOOLS=OFF", "-DLLAMA_BUILD_APP=OFF",
             "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_SERVER=OFF", "-DLLAMA_OPENSSL=OFF", *flags],
            check=True, stdout=log)
        subprocess.run([cmake, "--build", str(home / "build"), "--target", "ggml-cpu"], check=True, stdout=log)
        (home / "version").write_text(top.name.removeprefix("llama_cpp_python-"))

    return build


class Library:
    """ggml's functions, with a pool of threads of their own."""

    def __init__(self, home):
        for name in ("ggml-base", "ggml-cpu"):
            found = sorted(glob.glob(str(home / "build" / "bin" / f"lib{name}.so*")))
            if not found:
                oracle.answer({"failed": f"lib{name}.so was not built"})
                sys.exit(1)
            library = ctypes.CDLL(found[0], mode=ctypes.RTLD_GLOBAL)
            for function, (result, arguments) in FUNCTIONS.items():
                try:
                    pointer = getattr(library, function)
                except AttributeError:  # it is in the other library
                    continue
                pointer.restype, pointer.argtypes = result, arguments
                setattr(self, function, pointer)
        self.ggml_init.argtypes = [Parameters]
        self.backend = self.ggml_backend_cpu_init()
        self.ggml_backend_cpu_set_n_threads(self.backend, oracle.threads())
        # ggml_threadpool_params, filled in by ggml itself: its size is some hundred bytes and depends on the version.
        settings = ctypes.create_string_buffer(8192)
        self.ggml_threadpool_params_init(settings, oracle.threads())
        self.ggml_backend_cpu_set_threadpool(self.backend, self.ggml_threadpool_new(settings))

    def repacking(self):
        """The kind of memory whose tensors ggml lays out anew, as llama.cpp does with weights when it loads a model."""
        address = self.ggml_backend_reg_get_proc_address(
            self.ggml_backend_cpu_reg(), b"ggml_backend_dev_get_extra_bufts")
        if address:
            kinds = ctypes.CFUNCTYPE(ctypes.POINTER(P), P)(address)(self.ggml_backend_get_device(self.backend))
            for kind in kinds or ():
                if not kind:
                    break
                if b"REPACK" in self.ggml_backend_buft_name(kind):
                    return kind
        raise oracle.Refused("this build lays no weights out anew")


class Graph:
    """One product in memory of its own, freed with it."""

    def __init__(self, ggml, problem, inputs, repacked):
        import numpy

        self.ggml, self.contexts, self.buffers = ggml, [], []
        tokens, columns, rows = problem["tokens"], problem["inputs"], problem["outputs"]
        ordinary = ggml.ggml_backend_cpu_buffer_type()

        stored = self.context()
        weights = ggml.ggml_new_tensor_2d(stored, TYPES[problem["format"]], columns, rows)
        self.allocate(stored, ggml.repacking() if repacked else ordinary)
        context = self.context()
        activations = ggml.ggml_new_tensor_2d(context, F32, columns, tokens)
        product = out = ggml.ggml_mul_mat(context, weights, activations)
        bias = None
        if "bias" in inputs:
            bias = ggml.ggml_new_tensor_1d(context, F32, rows)
            out = ggml.ggml_add(context, out, bias)
        activation = {"identity": None, "silu": ggml.ggml_silu, "gelu": ggml.ggml_gelu_erf}[problem["activation"]]
        if activation is not None:
            out = activation(context, out)
        self.allocate(context, ordinary)
        if repacked and not ggml.ggml_backend_supports_op(ggml.backend, product):
            raise oracle.Refused(f"it lays out {problem['format']} of this shape as stored")
        self.fill(weights, inputs["weights"])
        self.fill(activations, inputs["a"])
        if bias is not None:
            self.fill(bias, inputs["bias"])
        self.graph = ggml.ggml_new_graph(context)
        ggml.ggml_build_forward_expand(self.graph, out)
        data = ctypes.cast(ggml.ggml_get_data(out), ctypes.POINTER(ctypes.c_float))
        self.result = [numpy.ctypeslib.as_array(data, (tokens, rows))]

    def context(self):
        self.contexts.append(self.ggml.ggml_init(Parameters(4 << 20, None, True)))
        return self.contexts[-1]

    def allocate(self, context, kind):
        buffer = self.ggml.ggml_backend_alloc_ctx_tensors_from_buft(context, kind)
        if not buffer:
            raise MemoryError("ggml has no memory for the operands")
        self.buffers.append(buffer)

    def fill(self, tensor, array):
        if self.ggml.ggml_nbytes(tensor) != array.nbytes:
            raise ValueError(f"{array.nbytes} bytes, where ggml expects {self.ggml.ggml_nbytes(tensor)}")
        self.ggml.ggml_backend_tensor_set(tensor, array.ctypes.data, 0, array.nbytes)

    def __call__(self):
        if self.ggml.ggml_backend_graph_compute(self.ggml.backend, self.graph) != 0:
            raise RuntimeError("ggml could not compute the graph")
        return self.result

    def __del__(self):
        for buffer in self.buffers:
            self.ggml.ggml_backend_buffer_free(buffer)
        for context in self.contexts:
            self.ggml.ggml_free(context)


def serve(environment, flags, title, repacked=False):
    """environment: of the build with these flags; several oracles may share it."""
    oracle.ensure(environment, ["cmake", "ninja", "numpy"], builder(flags))
    oracle.pin()
    home = oracle.environment(environment)
    ggml = Library(home)

    def supports(family, problem):
        if family != "quantized_matmul":
            raise oracle.Refused("it is measured with quantised weights only")
        if problem["format"] not in TYPES:
            raise oracle.Refused(f"it has no format {problem['format']}")
        if problem["activation"] not in ("identity", "silu", "gelu"):
            raise oracle.Refused(f"its {problem['activation']} goes through half precision")
        if repacked and problem["format"] not in ("q4_0", "q4_k"):
            raise oracle.Refused(f"it lays out {problem['format']} as stored")
        if repacked:
            ggml.repacking()

    def prepare(family, problem, inputs):
        supports(family, problem)
        return Graph(ggml, problem, inputs, repacked)

    oracle.serve(f"ggml of {PACKAGE} {(home / 'version').read_text()}, {title}", prepare, supports)
