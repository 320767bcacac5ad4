"""PyTorch on the CPU, eager, without gradients; f32, or bf16 with outputs that it rounds to bf16."""

import os
import warnings

import oracle

oracle.ensure("torch", ["torch", "numpy"])
oracle.pin()

import numpy  # noqa: E402
import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_grad_enabled(False)
# Its way to int8 on a CPU is announced to move elsewhere; here it is.
warnings.filterwarnings("ignore", "torch.quantize_per_tensor")
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))

ACTIVATIONS = {
    "identity": lambda x: x,
    "gelu": F.gelu,
    "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
}


def supports(family, problem):
    if family == "quantized_matmul" and problem["format"] != "int8":
        raise oracle.Refused("it has no such weight format")
    if family == "softmax" and problem.get("queries") is not None and problem["rows"] % problem["queries"]:
        raise oracle.Refused("the rows are no whole number of causal matrices")
    if family == "elementwise" and problem["function"] not in FUNCTIONS:
        raise oracle.Refused("it has no such function")
    if family not in FAMILIES:
        raise oracle.Refused("its time is not taken at this")
    if family == "attention" and problem["causal"] and problem["queries"] > problem["keys"]:
        raise oracle.Refused("some query sees nothing")


class Widened:
    """An output in bf16, widened to f32 when it is looked at: outside the timing."""

    def __init__(self, values):
        self.values = values

    def __setitem__(self, place, value):
        self.values[place] = value

    def reshape(self, shape):
        return self.values.float().reshape(shape)


def taken(array):
    """An operand as a tensor; sixteen bits are a bf16."""
    if array.dtype == numpy.uint16:
        return torch.from_numpy(array.view(numpy.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def given(values):
    return values if values.dtype == torch.float32 else Widened(values)


def matmul(p, x):
    b = x["b"].T if p["transposedB"] else x["b"]
    epilogue = p["epilogue"]
    activation = ACTIVATIONS[epilogue["activation"]]
    bias, residual = x.get("bias"), x.get("residual")
    plain = epilogue["activation"] == "identity" and residual is None
    if plain and bias is None:
        out = torch.empty(p["m"], p["n"], dtype=x["a"].dtype)
        return lambda: [given(torch.mm(x["a"], b, out=out))]
    if p["format"] != "f32":
        raise oracle.Refused("bias and residual are f32, its product is bf16")
    product = (lambda: torch.addmm(bias, x["a"], b)) if bias is not None else (lambda: torch.mm(x["a"], b))
    if residual is None:
        return lambda: [activation(product())]
    return lambda: [activation(product()).add_(residual)]


def softmax(p, x):
    scale, queries = p["scale"], p.get("queries")
    if queries is None:
        if scale == 1:
            out = torch.empty_like(x["x"])
            return lambda: [torch.softmax(x["x"], -1, out=out)]
        return lambda: [torch.softmax(x["x"] * scale, -1)]
    columns = p["columns"]
    hidden = torch.ones(queries, columns, dtype=torch.bool).triu(columns - queries + 1)
    blind = hidden.all(-1, keepdim=True)
    values = x["x"].view(-1, queries, columns)
    if not blind.any():
        return lambda: [torch.softmax((values * scale).masked_fill_(hidden, -torch.inf), -1)]
    return lambda: [torch.softmax((values * scale).masked_fill_(hidden, -torch.inf), -1).masked_fill_(blind, 0)]


def attention(p, x):
    q, k, v = (x[name][None] for name in "qkv")
    shared = p["heads"] != p["kvHeads"]
    causal, mask = p["causal"], None
    if causal and p["queries"] == 1:
        causal = False
    elif causal and p["queries"] != p["keys"]:
        # is_causal aligns to the first key, a decoder's mask to the last.
        causal, mask = False, torch.ones(p["queries"], p["keys"], dtype=torch.bool).tril(p["keys"] - p["queries"])
    return lambda: [
        given(F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=shared))
    ]


def ffn(p, x):
    # Weights as a Linear layer stores them.
    up, down = x["up"].T.contiguous(), x["down"].T.contiguous()
    values = x["x"].to(up.dtype)
    if p["kind"] == "swiglu":
        gate = x["gate"].T.contiguous()
        return lambda: [given(F.linear(F.silu(F.linear(values, gate)) * F.linear(values, up), down))]
    activation = ACTIVATIONS[p["kind"]]
    up_bias, down_bias = x["up_bias"].to(up.dtype), x["down_bias"].to(up.dtype)
    return lambda: [given(F.linear(activation(F.linear(values, up, up_bias)), down, down_bias))]


def quantized(p, x):
    """A dynamically quantised Linear layer: weights packed once, activations rounded with one step for all."""
    stored = x["weights"].view(torch.int8).reshape(p["outputs"], p["inputs"])
    weights = torch._make_per_channel_quantized_tensor(
        stored, x["scales"].double(), torch.zeros(p["outputs"], dtype=torch.int64), 0)
    packed = torch.ops.quantized.linear_prepack(weights, x.get("bias"))
    values, activation = x["a"], ACTIVATIONS[p["activation"]]
    # Eight bits of both: without that, it keeps one free for processors that would saturate.
    return lambda: [activation(torch.ops.quantized.linear_dynamic(values, packed, False))]


FUNCTIONS = {"exp": torch.exp, "tanh": torch.tanh, "silu": F.silu, "gelu": F.gelu,
             "gelu-tanh": lambda x: F.gelu(x, approximate="tanh")}


def elementwise(p, x):
    function, values = FUNCTIONS[p["function"]], x["x"]
    if p["function"] in ("exp", "tanh"):
        out = torch.empty_like(values)
        return lambda: [function(values, out=out)]
    return lambda: [function(values)]


def norm(p, x):
    shape, values, gamma = (p["columns"],), x["x"], x["gamma"]
    if p["kind"] == "layernorm":
        def normalise(y):
            return F.layer_norm(y, shape, gamma, x["beta"], 1e-5)
    else:
        def normalise(y):
            return F.rms_norm(y, shape, gamma, 1e-5)
    if not p["residual"]:
        return lambda: [normalise(values)]

    def both():
        total = values + x["residual"]
        return [normalise(total), total]

    return both


FAMILIES = {"matmul": matmul, "softmax": softmax, "attention": attention, "ffn": ffn, "norm": norm,
            "elementwise": elementwise, "quantized_matmul": quantized}


def prepare(family, problem, inputs):
    supports(family, problem)
    return FAMILIES[family](problem, {name: taken(array) for name, array in inputs.items()})


oracle.serve(f"PyTorch {torch.__version__}, eager, {torch.backends.cpu.get_cpu_capability()}", prepare, supports)
