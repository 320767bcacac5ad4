"""ggml built for this CPU, weights laid out anew once, as llama.cpp does when it loads a model."""

import ggml

ggml.serve("llama-cpp-python", ggml.NATIVE, "weights repacked", repacked=True)
