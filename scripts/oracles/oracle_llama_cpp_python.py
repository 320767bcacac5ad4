"""ggml built for this CPU, weights as stored."""

import ggml

ggml.serve("llama-cpp-python", ggml.NATIVE, "weights as stored")
