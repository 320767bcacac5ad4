"""Greedy tokens and perplexity of llama.cpp and of mgbench, side by side, from the same token ids.

A quantised file is compared twice. Once with its weights written out as f32, where both programs compute in floats and
must agree. Once as it is, where both round activations to 8 bits, each in its own way: where the tokens part, the logits
of the f32 file at that place say by how much llama.cpp's own are off, and whether the two candidates lie within that.
"""

import json
import math
import os
import subprocess
import sys
import tempfile

import numpy
from llama_cpp import Llama

PROMPTS = [
    "The capital of France is", "Once upon a time", "def fibonacci(n):", "The three laws of thermodynamics are",
    "Era uma vez", "import numpy as np\n", "In 1969, Neil Armstrong", "The best way to learn a language is",
    "Q: What is 2+2?\nA:", "Dear Sir or Madam,", "The mitochondria is", "To be, or not to be,", "Water boils at",
    "<|im_start|>user\nHello!<|im_end|>\n<|im_start|>assistant\n", "List of planets:\n1. Mercury\n2.",
    "O Brasil é um", "SELECT name FROM", "The quick brown fox", "A recipe for pancakes:",
    "Python is a programming language that",
]
TOKENS = 64
# In float arithmetic, logits (deviation about 6) of the two programs agree to some 1e-4; llama.cpp keeps keys and values as
# f16. Nearer than this they are a tie.
FLOAT_TIE = 0.01
# In 8 bits: the two candidates' distance in float arithmetic, against the deviation of the difference of two logits.
DEVIATIONS = 3


def mgbench(*arguments):
    done = subprocess.run([os.environ["MGBENCH"], *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"parity: mgbench failed: {done.stderr.strip()}")
    return json.loads(done.stdout)


def last_logits(model):
    return numpy.array(model.scores[model.n_tokens - 1], dtype=numpy.float64)


def greedy(model, ids):
    model.reset()
    model.eval(ids)
    tokens, logits = [], []
    for _ in range(TOKENS):
        logits.append(last_logits(model))
        tokens.append(int(numpy.argmax(logits[-1])))
        model.eval(tokens[-1:])
    return tokens, logits


def noise(model, exact, ids):
    """Logits after `ids` in float arithmetic, and how far `model`'s are off: the root mean square over all tokens."""
    exact.reset()
    exact.eval(ids)
    model.reset()
    model.eval(ids)
    truth = last_logits(exact)
    error = last_logits(model) - truth
    return truth, float(numpy.sqrt(numpy.mean((error - error.mean()) ** 2)))


def compare_greedy(path, model, exact, extra):
    """`exact`: the same weights in f32; None where `model` computes in floats itself."""
    equal = ties = wrong = 0
    for prompt in PROMPTS:
        ids = model.tokenize(prompt.encode(), add_bos=False, special=True)
        theirs, logits = greedy(model, ids)
        ours = mgbench("generate", "-m", path, "--ids", ",".join(map(str, ids)), "-n", str(TOKENS), "--ignore-end",
                       "--json", *extra)["report"]["tokens"]
        at = next((i for i in range(TOKENS) if ours[i] != theirs[i]), None)
        if at is None:
            equal += 1
            continue
        if exact is None:
            gap, limit = logits[at][theirs[at]] - logits[at][ours[at]], FLOAT_TIE
            found = f"llama.cpp's logits are {gap:.4f} apart"
        else:
            truth, off = noise(model, exact, ids + theirs[:at])
            gap, limit = abs(truth[theirs[at]] - truth[ours[at]]), DEVIATIONS * math.sqrt(2) * off
            found = f"in float arithmetic the two are {gap:.4f} apart, llama.cpp's logits off by {off:.4f}"
        tie = gap < limit
        ties, wrong = (ties + 1, wrong) if tie else (ties, wrong + 1)
        print(f"  {prompt!r}: part at token {at}: {found}: {'a tie' if tie else 'WRONG'}")
    print(f"greedy: {equal} of {len(PROMPTS)} prompts equal in all {TOKENS} tokens, {ties} part at a tie, {wrong} wrong")
    return wrong == 0


def compare_perplexity(path, model, text, windows, extra):
    ids = model.tokenize(open(text, "rb").read(), add_bos=False, special=False)
    length, loss, count = 512, 0.0, 0
    for window in range(min(windows, len(ids) // length)):
        part = ids[window * length:(window + 1) * length]
        model.reset()
        model.eval(part)
        for position in range(length // 2, length - 1):
            row = numpy.array(model.scores[position], dtype=numpy.float64)
            top = row.max()
            loss += math.log(numpy.exp(row - top).sum()) - (row[part[position + 1]] - top)
            count += 1
    theirs = math.exp(loss / count)
    ours = mgbench("perplexity", "-m", path, "-f", text, "--windows", str(windows), "--json", *extra)
    difference = ours["perplexity"] / theirs - 1
    print(f"perplexity: mgbench {ours['perplexity']:.4f}, llama.cpp {theirs:.4f} over {count} tokens: "
          f"{100 * difference:+.3f} %")
    return abs(difference) < 0.005 and ours["tokens"] == count


def load(path):
    return Llama(path, n_ctx=1024, n_batch=512, n_threads=int(os.environ.get("THREADS", "1")), logits_all=True,
                 verbose=False)


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: scripts/parity/llama MODEL.gguf [TEXT]")
    path, text = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    extra = os.environ.get("MGBENCH_OPTIONS", "").split()
    windows = int(os.environ.get("WINDOWS", "8"))
    with tempfile.TemporaryDirectory(prefix="mgbench-parity-") as folder:
        wide = os.path.join(folder, "f32.gguf")
        mgbench("quantize", path, "--type", "f32", "--output-too", wide, "--json")
        exact = load(wide)
        print("The weights as f32:")
        right = compare_greedy(wide, exact, None, extra)
        if text:
            right = compare_perplexity(wide, exact, text, windows, extra) and right
        model = load(path)
        print("The file as it is:")
        right = compare_greedy(path, model, exact, extra) and right
        if text:
            right = compare_perplexity(path, model, text, windows, extra) and right
    sys.exit(0 if right else 3)


main()
