"""Restarts a script in an environment that has PyTorch and transformers, which is installed once, into mgbench's cache."""

import os

import oracle

oracle.ensure("transformers", [
    "torch==2.15.0", "transformers==5.24.0", "safetensors==0.8.0", "gguf==0.19.0", "numpy==2.4.6"])

# Nothing is asked of a network.
os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
