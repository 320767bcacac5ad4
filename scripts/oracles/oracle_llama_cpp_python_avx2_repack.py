"""ggml built for AVX2 and no more, weights laid out anew once, as llama.cpp does when it loads a model."""

import ggml

ggml.serve("llama-cpp-python-avx2", ggml.AVX2, "built for AVX2, weights repacked", repacked=True)
