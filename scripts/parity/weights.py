"""Holds mgbench's files of weights against the packages that define the formats.

    python3 scripts/parity/weights.py MGBENCH MODEL.gguf [--ggml libggml-base.so] [--llama FOLDER_OF_LLAMA_CPP]

1. MODEL as f32, then as each type: the bytes of every quantized tensor equal those of the package gguf for q8_0, q4_0
   and q4_1; the squared error of q4_k is at most that of ggml's encoder (with --ggml).
2. A random Llama and a random GPT-2 saved by transformers: every tensor and every number of the metadata equals what
   llama.cpp's convert_hf_to_gguf.py writes (with --llama).
3. The SafeTensors file that the tests hold the writer to opens in the package safetensors with the right values.
4. llama-cpp-python, if it is installed, loads each file and its greedy tokens are printed.

Needs: pip install gguf safetensors numpy; for 2 torch and transformers.
"""

import argparse
import ctypes
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

parser = argparse.ArgumentParser()
parser.add_argument("mgbench")
parser.add_argument("model")
parser.add_argument("--ggml")
parser.add_argument("--llama")
options = parser.parse_args()
folder = Path(tempfile.mkdtemp(prefix="weights-parity-"))
failures = 0


def check(right, line):
    global failures
    failures += not right
    print(("ok    " if right else "WRONG ") + line)


def quantize(source, kind, target, *more):
    command = [options.mgbench, "quantize", str(source), "--type", kind, str(target), "--json", *more]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def tensors(path):
    return {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}


def ggml_bytes(values, kind):
    """ggml's own encoder, through ctypes."""
    function = ctypes.CDLL(options.ggml).ggml_quantize_chunk
    function.restype = ctypes.c_size_t
    function.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + [ctypes.c_int64] * 3 + [ctypes.c_void_p]
    block, size = gguf.GGML_QUANT_SIZES[kind]
    values = np.ascontiguousarray(values, np.float32)
    out = np.zeros((values.shape[0], values.shape[1] // block * size), np.uint8)
    function(int(kind), values.ctypes.data, out.ctypes.data, 0, values.shape[0], values.shape[1], None)
    return out


def squared_error(values, data, kind):
    return float(((gguf.quants.dequantize(data, kind).astype(np.float64) - values) ** 2).sum())


def types():
    wide = folder / "f32.gguf"
    quantize(options.model, "f32", wide)
    before = tensors(wide)
    for kind in ("q8_0", "q4_0", "q4_1", "q4_k"):
        path = folder / f"{kind}.gguf"
        report = quantize(wide, kind, path, "--output-too")
        wrong = compared = worse = 0
        ours = theirs = 0.0
        for name, tensor in tensors(path).items():
            if tensor.tensor_type == Type.F32:
                continue
            values = before[name].data.reshape(tensor.data.shape[0], -1)
            compared += 1
            if tensor.tensor_type != Type.Q4_K:
                wrong += not np.array_equal(gguf.quants.quantize(values, tensor.tensor_type), tensor.data)
            elif options.ggml:
                mine = squared_error(values, tensor.data, Type.Q4_K)
                other = squared_error(values, ggml_bytes(values, Type.Q4_K), Type.Q4_K)
                ours, theirs, worse = ours + mine, theirs + other, worse + (mine > other)
        check(wrong == 0, f"{kind}: {compared} tensors, {wrong} differ from gguf's bytes")
        if theirs:
            check(worse == 0, f"q4_k: squared error {ours:.6g}, ggml's {theirs:.6g}; {worse} tensors worse")
        measured = max(row["relativeError"] for row in report["tensors"])
        print(f"      greatest relative error {measured:.5f}, {report['bytes']} bytes")


def models():
    import torch
    import transformers

    torch.manual_seed(1)
    llama = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=96, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=128, rope_theta=50000.0, tie_word_embeddings=False))
    gpt2 = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=96, n_embd=64, n_layer=2, n_head=4, n_positions=128))
    tokenizer = byte_tokenizer(transformers)
    for name, model in (("llama", llama), ("gpt2", gpt2)):
        place = folder / name
        model.save_pretrained(place)
        tokenizer.save_pretrained(place)
        ours, theirs = folder / f"{name}.gguf", folder / f"{name}-reference.gguf"
        quantize(place, "f32", ours)
        compare(name, ours, theirs, place)


def byte_tokenizer(transformers):
    """A byte-level BPE of 96 tokens, cut as GPT-2 cuts."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=95, special_tokens=["<|endoftext|>"], show_progress=False)
    tokenizer.train_from_iterator(["the theme of these three is then the other"] * 4, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>")


def compare(name, ours, theirs, place):
    # The reference names a pre-tokenizer by a digest of known vocabularies, and refuses others: it is told this one's.
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[1:];"
        "from conversion.base import TextModel; TextModel.get_vocab_base_pre = lambda self, tokenizer: 'gpt-2';"
        "import runpy; runpy.run_path(sys.argv[0] + '/convert_hf_to_gguf.py', run_name='__main__')")
    command = [sys.executable, "-c", script, options.llama, str(place), "--outtype", "f32", "--outfile", str(theirs)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        check(False, f"{name}: the reference's converter ended with: {done.stderr.strip().splitlines()[-1]}")
        return
    mine, other = tensors(ours), tensors(theirs)
    differing = [n for n in other if n not in mine or not np.array_equal(mine[n].data, other[n].data)]
    check(not differing and len(mine) == len(other), f"{name}: {len(other)} tensors, differing: {differing}")
    fields = [gguf.GGUFReader(path).fields for path in (ours, theirs)]
    ignored = ("GGUF.", "general.")
    values = [{k: f.contents() for k, f in part.items() if not k.startswith(ignored)} for part in fields]
    lacking = {k: v for k, v in values[1].items() if values[0].get(k) != v}
    check(not lacking, f"{name}: {len(values[1])} fields of the reference, differing: "
          f"{ {k: (str(values[0].get(k))[:60], str(v)[:60]) for k, v in lacking.items()} }")


def written_safetensors():
    """The file that WriterTests holds the writer to, opened by the format's own package."""
    from safetensors import safe_open

    with safe_open("Tests/WeightsTests/Fixtures/written.safetensors", "np") as file:
        check(file.metadata() == {"format": "np", "ação": "\\ \t 🙂"}, "safetensors reads the notes that were written")
        want = {
            "single": np.array(2.5),
            'odd "name"\n→': np.array([-1, 2**62]),
            "empty": np.zeros((0, 7), np.float32),
            "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
            "half": np.arange(4, dtype=np.float16),
        }
        wrong = [n for n, v in want.items() if not np.array_equal(file.get_tensor(n), v) or file.get_tensor(n).dtype != v.dtype]
        check(sorted(file.keys()) == sorted(want) and not wrong, f"safetensors reads {len(want)} tensors, wrong: {wrong}")


def loads():
    try:
        import llama_cpp
    except ImportError:
        print("      llama-cpp-python is not installed: no file was loaded by it")
        return
    for kind in ("f32", "q8_0", "q4_0", "q4_1", "q4_k"):
        model = llama_cpp.Llama(str(folder / f"{kind}.gguf"), n_ctx=256, n_threads=1, verbose=False)
        answer = model.create_completion("The capital of France is", max_tokens=8, temperature=0)
        text = answer["choices"][0]["text"]
        check(bool(text.strip()), f"llama.cpp loads {kind}: {text!r}")
        del model


written_safetensors()
types()
if options.llama:
    models()
loads()
print(f"{failures} wrong")
sys.exit(1 if failures else 0)
