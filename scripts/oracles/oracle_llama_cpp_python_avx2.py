"""ggml built for AVX2 and no more, weights as stored: the rival of `--isa avx2`."""

import ggml

ggml.serve("llama-cpp-python-avx2", ggml.AVX2, "built for AVX2, weights as stored")
