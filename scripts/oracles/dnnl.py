"""oneDNN, by its C interface: products, with the layout of the weights left to the library.

Weights are described as "any" layout, so the library says which one it likes best, and they are brought into it once
beforehand: what a framework does with the weights of a layer.
"""

import ctypes
import glob
import os
import sys

import oracle

P = ctypes.c_void_p
# dnnl_types.h: the numbers behind its names.
CPU, IN_ORDER, ANY = 1, 1, 1
BF16, F32 = 2, 3
QUERY_WEIGHTS = 131
SOURCE, TARGET, WEIGHTS = 1, 17, 33


class Argument(ctypes.Structure):
    _fields_ = [("kind", ctypes.c_int), ("memory", P)]


def load():
    """The library and what it depends on, which lie beside it in the environment."""
    found = sorted(glob.glob(os.path.join(sys.prefix, "lib", "libdnnl.so*")))
    if not found:
        oracle.answer({"failed": "libdnnl.so is not in its environment"})
        sys.exit(1)
    # The loader looks for them there only if it is told before the process starts.
    folder = os.path.join(sys.prefix, "lib")
    if folder not in os.environ.get("LD_LIBRARY_PATH", "").split(":"):
        os.environ["LD_LIBRARY_PATH"] = folder
        os.execv(sys.executable, [sys.executable, *sys.argv])
    return ctypes.CDLL(found[0], mode=ctypes.RTLD_GLOBAL)


class Library:
    def __init__(self):
        self.functions = load()
        self.engine = self.make("dnnl_engine_create", CPU, ctypes.c_size_t(0))
        self.stream = self.make("dnnl_stream_create", self.engine, IN_ORDER)

    def check(self, name, *arguments):
        status = getattr(self.functions, name)(*arguments)
        if status:
            raise RuntimeError(f"{name} answered {status}")

    def make(self, name, *arguments):
        """Calls a function that writes a handle through its first argument."""
        handle = P()
        self.check(name, ctypes.byref(handle), *arguments)
        return handle

    def layout(self, shape, kind, strides=None):
        dims = (ctypes.c_int64 * len(shape))(*shape)
        if strides is None:
            return self.make("dnnl_memory_desc_create_with_tag", len(shape), dims, kind, ANY)
        steps = (ctypes.c_int64 * len(shape))(*strides)
        return self.make("dnnl_memory_desc_create_with_strides", len(shape), dims, kind, steps)

    def memory(self, layout, array=None):
        """Room for a tensor: an array's own, or the library's."""
        return self.make("dnnl_memory_create", layout, self.engine, P(-1) if array is None else P(array.ctypes.data))

    def execute(self, primitive, arguments):
        self.check("dnnl_primitive_execute", primitive, self.stream, len(arguments), arguments)
        self.check("dnnl_stream_wait", self.stream)

    def laid_out(self, layout, memory, wanted):
        """A copy of the tensor in the layout that is wanted."""
        plan = self.make("dnnl_reorder_primitive_desc_create", layout, self.engine, wanted, self.engine, None)
        copy = self.memory(wanted)
        self.execute(self.make("dnnl_primitive_create", plan), (Argument * 2)((SOURCE, memory), (TARGET, copy)))
        self.functions.dnnl_primitive_desc_destroy(plan)
        return copy


class Product:
    """C = A·B, planned once."""

    def __init__(self, library, problem, inputs):
        import numpy

        self.library, self.inputs = library, inputs
        m, n, k = problem["m"], problem["n"], problem["k"]
        kind = F32 if problem["format"] == "f32" else BF16
        c = numpy.empty((m, n), numpy.float32)
        a_layout, c_layout = library.layout((m, k), kind, (k, 1)), library.layout((m, n), F32, (n, 1))
        b_layout = library.layout((k, n), kind, (1, k) if problem["transposedB"] else (n, 1))
        a, b, out = (
            library.memory(layout, array) for layout, array in ((a_layout, inputs["a"]), (b_layout, inputs["b"]), (c_layout, c)))
        arguments = [(SOURCE, a), (TARGET, out)]
        plan = library.make(
            "dnnl_matmul_primitive_desc_create", library.engine, a_layout, library.layout((k, n), kind), None,
            c_layout, None)
        query = library.functions.dnnl_primitive_desc_query_md
        query.restype = P
        arguments.append((WEIGHTS, library.laid_out(b_layout, b, P(query(plan, QUERY_WEIGHTS, 0)))))
        primitive = library.make("dnnl_primitive_create", plan)
        # The short way: two calls and nothing else.
        run, wait, stream = library.functions.dnnl_primitive_execute, library.functions.dnnl_stream_wait, library.stream
        listed, many = (Argument * len(arguments))(*arguments), ctypes.c_int(len(arguments))
        result = [c]

        def call():
            if run(primitive, stream, many, listed) or wait(stream):
                raise RuntimeError("oneDNN could not compute the product")
            return result

        self.call = call
        self.memories, self.primitive = [memory for _, memory in arguments] + [b], primitive

    def __call__(self):
        return self.call()

    def __del__(self):
        for memory in getattr(self, "memories", ()):
            self.library.functions.dnnl_memory_destroy(memory)
        if hasattr(self, "primitive"):
            self.library.functions.dnnl_primitive_destroy(self.primitive)


def serve(isa=None):
    """isa: the widest instructions that it may use, by oneDNN's own name."""
    if isa is not None:
        os.environ["ONEDNN_MAX_CPU_ISA"] = isa
    oracle.ensure("onednn-cpu", ["onednn-cpu-gomp", "numpy"])
    # The OpenMP build: OMP_NUM_THREADS says how many threads.
    oracle.pin()
    library = Library()

    def supports(family, problem):
        if family != "matmul":
            raise oracle.Refused("it is measured with products only")
        if any(problem["epilogue"][part] not in (False, "identity") for part in ("bias", "activation", "residual")):
            raise oracle.Refused("it is measured without an epilogue")

    def prepare(family, problem, inputs):
        supports(family, problem)
        return Product(library, problem, inputs)

    class Version(ctypes.Structure):
        _fields_ = [(name, ctypes.c_int) for name in ("major", "minor", "patch")]

    library.functions.dnnl_version.restype = ctypes.POINTER(Version)
    version = library.functions.dnnl_version().contents
    limit = f", no more than {isa}" if isa else ""
    oracle.serve(f"oneDNN {version.major}.{version.minor}.{version.patch}, weights in its layout{limit}", prepare, supports)
