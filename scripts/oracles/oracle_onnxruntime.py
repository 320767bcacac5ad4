"""ONNX Runtime's CPU provider, on models of one layer made here."""

import os

import oracle

oracle.ensure("onnxruntime", ["onnxruntime", "onnx", "numpy"])
oracle.pin()

import numpy  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def supports(family, problem):
    if family not in ("matmul", "softmax", "ffn", "norm", "quantized_matmul", "attention"):
        raise oracle.Refused("no operator of its own computes this family")
    if family == "quantized_matmul" and problem["format"] not in ("int8", "q4_0", "q8_0"):
        raise oracle.Refused(f"it has no operator for {problem['format']}")
    if family == "attention":
        if problem.get("format", "f32") != "f32":
            raise oracle.Refused("its attention on a CPU is f32")
        if problem["heads"] != problem["kvHeads"]:
            raise oracle.Refused("its operator for shared heads needs a cache of its own")
        if problem["causal"] and problem["queries"] not in (1, problem["keys"]):
            raise oracle.Refused("its mask begins at the first key")
    if family in ("matmul", "ffn") and problem.get("format", "f32") != "f32":
        raise oracle.Refused("it has no bf16 product on a CPU")
    if family == "softmax" and problem.get("queries") is not None:
        raise oracle.Refused("its softmax has no mask")
    if family == "norm" and (problem["kind"] != "layernorm" or problem["residual"]):
        raise oracle.Refused("only plain LayerNorm is an operator")


def gelu(nodes, name, approximate):
    nodes.append(helper.make_node("Gelu", [name], [name + "_act"], approximate="tanh" if approximate else "none"))
    return name + "_act"


def silu(nodes, name):
    nodes.append(helper.make_node("Sigmoid", [name], [name + "_s"]))
    nodes.append(helper.make_node("Mul", [name, name + "_s"], [name + "_act"]))
    return name + "_act"


def activate(nodes, name, kind):
    if kind == "identity":
        return name
    return silu(nodes, name) if kind == "silu" else gelu(nodes, name, kind == "gelu-tanh")


def linear(nodes, source, weights, bias, name):
    nodes.append(helper.make_node("MatMul", [source, weights], [name]))
    if bias is None:
        return name
    nodes.append(helper.make_node("Add", [name, bias], [name + "_b"]))
    return name + "_b"


def blocks(inputs, p):
    """Quantised blocks of 32 as MatMulNBits takes them: values unsigned, four bits two in a byte, scales apart."""
    rows, count = p["outputs"], p["inputs"] // 32
    stored = inputs.pop("weights").reshape(rows, count, -1)
    inputs["scales"] = stored[:, :, :2].copy().view(numpy.float16).astype(numpy.float32).reshape(-1)
    values = stored[:, :, 2:]
    if p["format"] == "q4_0":
        # Byte i holds values i and i + 16; here 2i and 2i + 1.
        ordered = numpy.concatenate([values & 15, values >> 4], axis=2)
        inputs["weights"] = ordered[:, :, 0::2] | ordered[:, :, 1::2] << 4
    else:
        inputs["weights"] = values ^ 128  # from -128…127 to 0…255
    bits = 4 if p["format"] == "q4_0" else 8
    return {"K": p["inputs"], "N": rows, "bits": bits, "block_size": 32, "accuracy_level": 4}


def quantized(nodes, p, inputs):
    """Activations are rounded to int8 inside: by blocks beside blocks, with one step for all beside int8 weights."""
    if p["format"] == "int8":
        inputs["weights"] = inputs["weights"].view(numpy.int8).reshape(p["outputs"], p["inputs"]).T.copy()
        nodes.append(helper.make_node(
            "DynamicQuantizeMatMul", ["a", "weights", "scales"], ["c"], domain="com.microsoft"))
    else:
        sizes = blocks(inputs, p)
        nodes.append(helper.make_node(
            "MatMulNBits", ["a", "weights", "scales"], ["c"], domain="com.microsoft", **sizes))
    name = "c"
    if "bias" in inputs:
        nodes.append(helper.make_node("Add", [name, "bias"], ["c_b"]))
        name = "c_b"
    return nodes, activate(nodes, name, p["activation"]), "a"


class Heads:
    """Tokens with their heads side by side; in the order of the problem when it is looked at, outside the timing."""

    def __init__(self, values, heads):
        self.values, self.heads = values, heads

    def __setitem__(self, place, value):
        self.values[place] = value

    def reshape(self, shape):
        _, tokens, width = self.values.shape
        return self.values.reshape(tokens, self.heads, width // self.heads).transpose(1, 0, 2).reshape(shape)


def attention(p, inputs):
    for name in "qkv":
        heads, tokens, width = inputs[name].shape
        inputs[name] = inputs[name].transpose(1, 0, 2).reshape(1, tokens, heads * width).copy()
    node = helper.make_node(
        "MultiHeadAttention", ["q", "k", "v"], ["out"], domain="com.microsoft", num_heads=p["heads"],
        unidirectional=int(p["causal"] and p["queries"] > 1))
    return [node]


def graph(family, p, inputs):
    """Nodes, name of the output, name of the activations; all else is a constant of the model."""
    nodes = []
    if family == "softmax":
        source = "x"
        if p["scale"] != 1:
            inputs["scale"] = numpy.float32(p["scale"])
            nodes.append(helper.make_node("Mul", ["x", "scale"], ["y"]))
            source = "y"
        nodes.append(helper.make_node("Softmax", [source], ["out"], axis=-1))
        return nodes, "out", "x"
    if family == "norm":
        nodes.append(helper.make_node("LayerNormalization", ["x", "gamma", "beta"], ["out"], axis=-1, epsilon=1e-5))
        return nodes, "out", "x"
    if family == "quantized_matmul":
        return quantized(nodes, p, inputs)
    if family == "matmul":
        if p["transposedB"]:
            inputs["b"] = inputs["b"].T.copy()
        name = linear(nodes, "a", "b", "bias" if "bias" in inputs else None, "c")
        name = activate(nodes, name, p["epilogue"]["activation"])
        if "residual" in inputs:
            nodes.append(helper.make_node("Add", [name, "residual"], ["sum"]))
            name = "sum"
        return nodes, name, "a"
    if p["kind"] == "swiglu":
        gate = silu(nodes, linear(nodes, "x", "gate", None, "g"))
        up = linear(nodes, "x", "up", None, "u")
        nodes.append(helper.make_node("Mul", [gate, up], ["h"]))
        return nodes, linear(nodes, "h", "down", None, "d"), "x"
    hidden = gelu(nodes, linear(nodes, "x", "up", "up_bias", "u"), p["kind"] == "gelu-tanh")
    return nodes, linear(nodes, hidden, "down", "down_bias", "d"), "x"


def prepare(family, problem, inputs):
    supports(family, problem)
    if family == "attention":
        # A model's keys and values are no constants.
        nodes, out, sources = attention(problem, inputs), "out", list("qkv")
    else:
        nodes, out, source = graph(family, problem, inputs)
        sources = [source]
    constants = [numpy_helper.from_array(numpy.ascontiguousarray(array), name)
                 for name, array in inputs.items() if name not in sources]
    model = helper.make_model(
        helper.make_graph(
            nodes, family,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(inputs[name].shape)) for name in sources],
            [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)], constants),
        opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    # Its threads spin from call to call, and no longer: not while another variant is timed.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "1000")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feed = {name: inputs[name] for name in sources}
    if family == "attention":
        return lambda: [Heads(session.run(None, feed)[0], problem["heads"])]
    return lambda: session.run(None, feed)


oracle.serve(f"ONNX Runtime {onnxruntime.__version__}, CPU provider, onnx {onnx.__version__}", prepare, supports)
