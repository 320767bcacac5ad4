#!/usr/bin/env python3
"""Whether a library is as fast in its turns as it is alone: the same calls, in one loop and between another's work.

usage: alone.py LIBRARY FAMILY key=value ...
    alone.py onednn matmul m=1 n=3072 k=768
    alone.py torch attention heads=12 queries=1 keys=2048 dim=64 format=bf16 threads=2
    alone.py llama-cpp-python quantized_matmul tokens=1 inputs=768 outputs=3072 format=q4_1
    alone.py onnxruntime softmax rows=1024 columns=1024

Alone, samples follow each other. In turns, 40 MB are copied for some milliseconds before each sample, which leaves
nothing of the library in the caches, and the library then gets `warm` untimed calls, as mgbench gives it. Five rounds;
the ratio's interval is that of the rounds.
"""

import array
import base64
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WIDTH = {"f32": 4, "bf16": 2, "bytes": 1}
BLOCKS = {"q8_0": (32, 34), "q4_0": (32, 18), "q4_1": (32, 20), "q4_k": (256, 144), "int8": (1, 1)}


def problem(family, given):
    """The problem as mgbench states it, its inputs (name, element, shape) and the shape of its output."""
    if family == "matmul":
        p = {"m": 512, "n": 512, "k": 512, "format": "f32", "transposedB": False, **given}
        p["epilogue"] = {"bias": False, "activation": "identity", "residual": False}
        b = [p["n"], p["k"]] if p["transposedB"] else [p["k"], p["n"]]
        return p, [("a", p["format"], [p["m"], p["k"]]), ("b", p["format"], b)], [p["m"], p["n"]]
    if family == "softmax":
        p = {"rows": 1024, "columns": 1024, "scale": 1, **given}
        return p, [("x", "f32", [p["rows"], p["columns"]])], [p["rows"], p["columns"]]
    if family == "attention":
        p = {"heads": 12, "queries": 1, "keys": 2048, "dim": 64, "causal": True, "format": "f32", **given}
        p.setdefault("kvHeads", p["heads"])
        q, k = [p["heads"], p["queries"], p["dim"]], [p["kvHeads"], p["keys"], p["dim"]]
        return p, [("q", p["format"], q), ("k", p["format"], k), ("v", p["format"], k)], q
    if family == "quantized_matmul":
        p = {"tokens": 1, "inputs": 768, "outputs": 3072, "format": "q4_1", "bias": False, **given}
        p.setdefault("activation", "identity")
        values, width = BLOCKS[p["format"]]
        weights = p["outputs"] * p["inputs"] // values * width
        inputs = [("a", "f32", [p["tokens"], p["inputs"]]), ("weights", "bytes", [weights])]
        if p["format"] == "int8":
            inputs.append(("scales", "f32", [p["outputs"]]))
        return p, inputs, [p["tokens"], p["outputs"]]
    sys.exit(f"{family}: matmul, softmax, attention and quantized_matmul are expected")


def size(shape):
    count = 1
    for length in shape:
        count *= length
    return count


def fill(element, count):
    """Bytes of `count` values around 0; of bytes, such that every 16 bits are an ordinary number."""
    if element == "bytes":
        return (bytes(random.Random(1).choices(range(1, 60), k=4093)) * (count // 4093 + 1))[:count]
    values = array.array("f", [random.Random(i).gauss(0, 1) for i in range(4093)]).tobytes()
    if element == "bf16":
        values = b"".join(values[i + 2:i + 4] for i in range(0, len(values), 4))
    return (values * (count // 4093 + 1))[:count * WIDTH[element]]


class Library:
    def __init__(self, name, threads):
        cpus = sorted(os.sched_getaffinity(0))[-threads:]
        os.sched_setaffinity(0, cpus)
        count = str(threads)
        environment = dict(
            os.environ, OMP_NUM_THREADS=count, MKL_NUM_THREADS=count, OPENBLAS_NUM_THREADS=count, KMP_BLOCKTIME="1",
            MGBENCH_CPUS=",".join(map(str, cpus)))
        script = Path(__file__).with_name(f"oracle_{name.replace('-', '_')}.py")
        if not script.exists():
            sys.exit(f"{name}: there is no {script.name}")
        self.process = subprocess.Popen(
            [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        self.title = self.ask(ask="hello")["library"]

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline() or '{"failed": "its process has ended"}')
        reason = reply.get("refused") or reply.get("failed")
        if reason:
            sys.exit(f"{sys.argv[1]}: {reason}")
        return reply

    def open(self, family, p, inputs, output):
        with tempfile.NamedTemporaryFile(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as file:
            listed = []
            for name, element, shape in inputs:
                listed.append({"name": name, "element": element, "shape": shape, "offset": file.tell()})
                file.write(fill(element, size(shape)))
                file.write(bytes(-file.tell() % 64))
            outputs = [{"name": "out0", "element": "f32", "shape": output, "offset": file.tell()}]
            file.flush()
            os.truncate(file.name, outputs[0]["offset"] + 4 * size(output))
            text = base64.b64encode(json.dumps(p).encode()).decode()
            self.ask(ask="open", family=family, problem=text, file=file.name, inputs=listed, outputs=outputs)

    def run(self, times, warm=0):
        return self.ask(ask="run", times=times, warm=warm)["nanoseconds"] / times


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    given = dict(argument.split("=", 1) for argument in sys.argv[3:])
    given = {key: json.loads(value) if value[:1].isdigit() or value in ("true", "false") else value
             for key, value in given.items()}
    threads, warm = given.pop("threads", 1), given.pop("warm", None)
    p, inputs, output = problem(sys.argv[2], given)
    library = Library(sys.argv[1], threads)
    library.open(sys.argv[2], p, inputs, output)
    for _ in range(3):
        one = library.run(1, 1)
    times = max(1, round(200_000 / one))
    warm = max(1, min(16 * times, int(8e6 / one))) if warm is None else warm
    source, target = bytes(20 << 20), bytearray(20 << 20)
    alone, turns = [], []
    for _ in range(5):
        library.run(1, warm)
        alone.append(statistics.median(library.run(times) for _ in range(20)))
        samples = []
        for _ in range(10):
            end = time.perf_counter() + 0.003
            while time.perf_counter() < end:
                target[:] = source
            time.sleep(0.003 if threads > 1 else 0)
            samples.append(library.run(times, warm))
        turns.append(statistics.median(samples))
    ratios = sorted(a / t for a, t in zip(alone, turns))
    print(f"{library.title}, {threads} thread{'s' if threads > 1 else ''}, {times} calls a sample, {warm} before it")
    print(f"alone {statistics.median(alone) / 1e3:.1f} us, in turns {statistics.median(turns) / 1e3:.1f} us: "
          f"{statistics.median(ratios) * 100:.0f} % of its speed alone [{ratios[0] * 100:.0f}, {ratios[-1] * 100:.0f}]")


main()
