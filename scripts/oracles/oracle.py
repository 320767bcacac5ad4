"""What every oracle shares: its own virtual environment, and the lines that it answers mgbench with.

An oracle is another library at the same problems. It gets the operands' own bytes in a file that both map, reads the clock
around its calls, and writes its output back, so that mgbench holds it against the reference like any variant.
"""

import base64
import json
import os
import subprocess
import sys
import time
import traceback
import venv
from pathlib import Path


class Refused(Exception):
    """A problem that the library does not compute; the text says why."""


def environment(name):
    """The folder of an oracle's virtual environment."""
    cache = os.environ.get("MGBENCH_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mgbench")
    return Path(cache) / "oracles" / name


def ensure(name, packages, build=None):
    """Restarts this script in the oracle's own environment, which is made and filled the first time.

    MGBENCH_ORACLE_PACKAGES replaces the packages, for instance by a build for CPUs only.
    build(home, log): makes what no package holds, after the packages are there; its programs print to the log.
    """
    home = environment(name)
    if Path(sys.prefix) == home:
        return
    python = home / "bin" / "python"
    if not (home / ".done").exists():
        packages = os.environ.get("MGBENCH_ORACLE_PACKAGES", "").split() or packages
        print(f"mgbench: installing {' '.join(packages)} under {home}", file=sys.stderr)
        try:
            venv.create(home, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, stdout=sys.stderr)
            if build is not None:
                build(home, sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            answer({"failed": f"{' '.join(packages)} cannot be installed (on Debian python3-venv is needed): {error}"})
            sys.exit(1)
        (home / ".done").touch()
    os.execv(python, [str(python), *sys.argv])


def answer(reply):
    sys.stdout.write(json.dumps(reply) + "\n")
    sys.stdout.flush()


def pin():
    """Keeps the library's threads on the CPUs of the team that it is measured beside. Before the library is loaded."""
    cpus = os.environ.get("MGBENCH_CPUS", "")
    if cpus:
        os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    # One thread on each of them, as in the team: two that wake up on one CPU would wait for each other's time slice.
    os.environ.setdefault("OMP_PROC_BIND", "true")
    # How often a thread of libgomp looks for new work before it sleeps, some milliseconds by default. About a millisecond keeps it
    # awake through its turn and is over before another variant is timed.
    os.environ.setdefault("GOMP_SPINCOUNT", "100000")


def threads():
    return int(os.environ.get("OMP_NUM_THREADS", "1"))


def mapped(file, operand, mode):
    import numpy

    kind = {"f32": numpy.float32, "bf16": numpy.uint16, "bytes": numpy.uint8}[operand["element"]]
    return numpy.memmap(file, kind, mode, operand["offset"], tuple(operand["shape"]))


def is_empty(operands):
    return any(0 in operand["shape"] for operand in operands)


def serve(library, prepare, supports):
    """Answers until the input ends.

    library: name and version.
    supports(family, problem): raises Refused for what the library does not compute.
    prepare(family, problem, inputs): a function without arguments that computes once and returns its outputs, a list of
    arrays in the family's order. The inputs are copies, the library's to keep.
    """
    call, outputs, last, file = None, [], None, None
    for line in sys.stdin:
        try:
            request = json.loads(line)
            ask = request["ask"]
            problem = json.loads(base64.b64decode(request["problem"])) if "problem" in request else None
            reply = {}
            if ask == "hello":
                reply = {"library": library}
            elif ask == "supports":
                supports(request["family"], problem)
            elif ask == "open":
                call, last = None, None
                file, outputs = request["file"], request["outputs"]
                if is_empty(outputs + request["inputs"]):
                    raise Refused("an operand is empty")
                inputs = {operand["name"]: mapped(file, operand, "r").copy() for operand in request["inputs"]}
                call = prepare(request["family"], problem, inputs)
            elif ask == "poison":
                # What an earlier call left must not pass for a later one's.
                for array in last or []:
                    array[...] = float("nan")
                last = None
            elif ask == "run":
                times = range(request["times"])
                # The operands come back into the caches, and the threads wake up, before the clock starts.
                for _ in range(request.get("warm") or 0):
                    last = call()
                start = time.perf_counter_ns()
                for _ in times:
                    last = call()
                reply = {"nanoseconds": time.perf_counter_ns() - start}
            elif ask == "fetch":
                for operand, array in zip(outputs, last or [], strict=bool(last)):
                    mapped(file, operand, "r+")[...] = array.reshape(operand["shape"])
        except Refused as refusal:
            reply = {"refused": str(refusal)}
        except Exception as error:  # an answer is owed whatever happens
            traceback.print_exc(file=sys.stderr)
            reply = {"failed": f"{type(error).__name__}: {error}".splitlines()[0][:300]}
        answer(reply)
