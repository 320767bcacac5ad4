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
    if family not in ("matmul", "softmax", "ffn", "norm"):
        raise oracle.Refused("no operator of its own set computes this family in f32")
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
    nodes, out, source = graph(family, problem, inputs)
    shape = list(inputs[source].shape)
    constants = [numpy_helper.from_array(numpy.ascontiguousarray(array), name)
                 for name, array in inputs.items() if name != source]
    model = helper.make_model(
        helper.make_graph(
            nodes, family, [helper.make_tensor_value_info(source, TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(out, TensorProto.FLOAT, None)], constants),
        opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "1"))
    # Its threads spin from call to call, and no longer: not while another variant is timed.
    options.add_session_config_entry("session.intra_op.spin_duration_us", "1000")
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feed = {source: inputs[source]}
    return lambda: session.run(None, feed)


oracle.serve(f"ONNX Runtime {onnxruntime.__version__}, CPU provider, onnx {onnx.__version__}", prepare, supports)
