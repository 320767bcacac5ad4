"""PyTorch on the CPU, eager, without gradients."""

import os

import oracle

oracle.ensure("torch", ["torch", "numpy"])
oracle.pin()

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402

torch.set_grad_enabled(False)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))

ACTIVATIONS = {
    "identity": lambda x: x,
    "gelu": F.gelu,
    "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
}


def supports(family, problem):
    if family == "quantized_matmul":
        raise oracle.Refused("it has no such weight format")
    if family == "matmul" and problem["format"] != "f32":
        raise oracle.Refused("it rounds the output to bf16")
    if family == "elementwise" and problem["function"] == "gelu-sigmoid":
        raise oracle.Refused("it has no such function")
    if family == "softmax" and problem.get("queries") is not None and problem["rows"] % problem["queries"]:
        raise oracle.Refused("the rows are no whole number of causal matrices")
    if family == "attention" and problem["causal"] and problem["queries"] > problem["keys"]:
        raise oracle.Refused("some query sees nothing")


def matmul(p, x):
    b = x["b"].T if p["transposedB"] else x["b"]
    epilogue = p["epilogue"]
    activation = ACTIVATIONS[epilogue["activation"]]
    bias, residual = x.get("bias"), x.get("residual")
    plain = epilogue["activation"] == "identity" and residual is None
    if plain and bias is None:
        out = torch.empty(p["m"], p["n"])
        return lambda: [torch.mm(x["a"], b, out=out)]
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
        F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal, enable_gqa=shared)
    ]


def ffn(p, x):
    # Weights as a Linear layer stores them.
    up, down = x["up"].T.contiguous(), x["down"].T.contiguous()
    if p["kind"] == "swiglu":
        gate = x["gate"].T.contiguous()
        return lambda: [F.linear(F.silu(F.linear(x["x"], gate)) * F.linear(x["x"], up), down)]
    activation = ACTIVATIONS[p["kind"]]
    up_bias, down_bias = x["up_bias"].to(up.dtype), x["down_bias"].to(up.dtype)
    return lambda: [F.linear(activation(F.linear(x["x"], up, up_bias)), down, down_bias)]


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


def elementwise(p, x):
    function, values = p["function"], x["x"]
    if function in ("exp", "tanh"):
        out = torch.empty_like(values)
        call = getattr(torch, function)
        return lambda: [call(values, out=out)]
    activation = ACTIVATIONS[function]
    return lambda: [activation(values)]


FAMILIES = {
    "matmul": matmul, "softmax": softmax, "attention": attention, "ffn": ffn, "norm": norm, "elementwise": elementwise,
}


def tensor(array):
    """bf16 comes as the bits of its values."""
    values = torch.from_numpy(array)
    return values.view(torch.bfloat16) if array.dtype.name == "uint16" else values


def prepare(family, problem, inputs):
    supports(family, problem)
    call = FAMILIES[family](problem, {name: tensor(array) for name, array in inputs.items()})
    if family == "ffn" and problem.get("format", "f32") == "bf16":
        return lambda: [out.float() for out in call()]  # NumPy has no bf16
    return call


oracle.serve(f"PyTorch {torch.__version__}, eager, {torch.backends.cpu.get_cpu_capability()}", prepare, supports)
