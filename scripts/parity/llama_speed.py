"""Tokens a second of mgbench and of llama.cpp, reading 512 and writing 128, in turns.

A round is one measurement of each program, after one of each that is not counted; rounds are paired, so that a neighbour
on the machine slows both. Of every number the median is printed with the 95 % interval of order statistics, and of every
pair the median ratio with its own.
"""

import ctypes
import gc
import json
import math
import os
import subprocess
import sys
import time

import llama_cpp

PROMPT, WRITTEN = 512, 128
ROUNDS = int(os.environ.get("ROUNDS", "7"))
THREADS = [int(count) for count in os.environ.get("THREADS", "1 2").split()]


def mgbench(path, threads):
    done = subprocess.run(
        [os.environ["MGBENCH"], "bench", "-m", path, "-p", str(PROMPT), "-n", str(WRITTEN), "-r", "1", "-o", "json",
         "--threads", str(threads)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"parity: mgbench failed: {done.stderr.strip()}")
    read, write = json.loads(done.stdout)
    return read["samples_ts"][0], write["samples_ts"][0]


def quiet():
    """llama.cpp talks while it loads."""
    global silence
    silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(silence, ctypes.c_void_p(0))


def llama(path, threads):
    model = llama_cpp.Llama(path, n_ctx=PROMPT + WRITTEN, n_batch=PROMPT, n_ubatch=PROMPT, n_threads=threads,
                            n_threads_batch=threads, verbose=False)
    ids = [(index * 7919 + 11) % model.n_vocab() for index in range(PROMPT)]

    def rate(tokens, step):
        model.reset()
        start = time.perf_counter()
        for at in range(0, tokens, step):
            model.eval(ids[at:at + step])
        return tokens / (time.perf_counter() - start)

    model.eval(ids[:16])
    rate(PROMPT, PROMPT), rate(16, 1)
    found = rate(PROMPT, PROMPT), rate(WRITTEN, 1)
    model.close()
    del model
    gc.collect()
    return found


def interval(values):
    """Median, and the narrowest pair of order statistics around it that holds it in 95 of 100 cases."""
    values = sorted(values)
    count = len(values)
    median = (values[(count - 1) // 2] + values[count // 2]) / 2
    for low in range((count - 1) // 2, -1, -1):
        inside = sum(math.comb(count, k) for k in range(low + 1, count - low)) / 2 ** count
        if inside >= 0.95:
            return median, values[low], values[count - 1 - low]
    return median, values[0], values[-1]


def shown(values, digits):
    median, low, high = interval(values)
    return f"{median:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def main():
    if len(sys.argv) < 2:
        sys.exit("usage: scripts/parity/llama-speed MODEL.gguf [OTHER.gguf ...]")
    path, peers = sys.argv[1], sys.argv[1:]
    quiet()
    print(f"{path}: {ROUNDS} rounds, llama-cpp-python {llama_cpp.__version__}; tokens/s, median [95 %]")
    for threads in THREADS:
        ours, theirs = [], {peer: [] for peer in peers}
        for round in range(ROUNDS + 1):
            mine = mgbench(path, threads)
            others = {peer: llama(peer, threads) for peer in peers}
            if round > 0:
                ours.append(mine)
                for peer in peers:
                    theirs[peer].append(others[peer])
        for index, what in enumerate([f"read {PROMPT}", f"write {WRITTEN}"]):
            mine = [pair[index] for pair in ours]
            print(f"{threads} thread(s), {what}: mgbench {shown(mine, 1)}")
            for peer in peers:
                other = [pair[index] for pair in theirs[peer]]
                ratios = [a / b for a, b in zip(mine, other)]
                print(f"    llama.cpp {shown(other, 1)}, mgbench is {shown(ratios, 2)} × as fast  ({peer})", flush=True)


main()
