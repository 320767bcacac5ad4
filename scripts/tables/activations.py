"""Derives the constants of CKernels/functions/activation*.h: `python3 scripts/tables/activations.py` prints what the C files hold.

1. gelu_table.h, for GELU by erf: pieces of third degree of the normal distribution's tail Q(t) = 1 - Phi(t). Up to
   12 widths a piece is half a width wide, beyond it is a whole one; the last one is 0. Each polynomial agrees with Q at
   the zeros of the Chebyshev polynomial of degree 4, stretched over the piece.
2. MG_POWER_A0 and MG_POWER_A1: 2^r = (A + r) / (A - r) with A = A0 + A1*r^2 on |r| <= 1/2, the least largest relative
   error, by exchange of the points where it is largest (Remez).

With --check it prints nothing but compares with the files and says how far each approximation is off.
Plain decimal arithmetic of 40 digits: no library decides about a last bit.
"""

import pathlib
import re
import struct
import sys
from decimal import Decimal, getcontext

getcontext().prec = 40
ONE, HALF = Decimal(1), Decimal("0.5")
PI = Decimal("3.141592653589793238462643383279502884197")
LN2 = Decimal(2).ln()
FINE, PIECES, DEGREE, WIDTH = 24, 32, 3, Decimal("0.305")
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "CKernels" / "functions"


def single(value):
    """The float nearest to value."""
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def tail(t):
    """Q(t), for any t: 1/2 less the series of the integral of the density."""
    term, total, n = t, t, 0
    while abs(term) > Decimal(10) ** -38:
        n += 1
        term = -term * t * t / (2 * n)
        total += term / (2 * n + 1)
    return HALF - total / (2 * PI).sqrt()


def cosine(x):
    term, total, n = ONE, ONE, 0
    while abs(term) > Decimal(10) ** -38:
        n += 2
        term = -term * x * x / (n * (n - 1))
        total += term
    return total


def solve(rows):
    """Gauss, with the largest pivot; each row ends with its right side."""
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda r: abs(rows[r][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for other in range(size):
            if other != column:
                factor = rows[other][column]
                rows[other] = [a - factor * b for a, b in zip(rows[other], rows[column])]
    return [row[-1] for row in rows]


def piece(number):
    """Centre and ends of a piece, in widths from t = 0; the ends are relative to the centre."""
    quarter = HALF / 2
    if number <= FINE:
        return HALF * number, -quarter if number else Decimal(0), quarter if number < FINE else HALF
    return HALF * FINE + number - FINE, -HALF, HALF


def gelu_table():
    """Coefficients [power][entry]; piece j is entry (j - FINE) mod 32, where the sum with 2^23 - 12 looks for it."""
    table = [[0.0] * PIECES for _ in range(DEGREE + 1)]
    for number in range(PIECES - 1):
        centre, low, high = piece(number)
        rows = []
        for k in range(DEGREE + 1):
            at = cosine((k + HALF) * PI / (DEGREE + 1)) * (high - low) / 2 + (high + low) / 2
            rows.append([at**power for power in range(DEGREE + 1)] + [tail((centre + at) * WIDTH)])
        for power, value in enumerate(solve(rows)):
            table[power][(number - FINE) % PIECES] = single(value)
    return table


def power_error(a, r):
    size = a[0] + a[1] * r * r
    return ((size + r) / (size - r)).ln() - r * LN2


def power_constants():
    """A0 and A1 for which the error is equally large, with signs in turn, at the three places where it is largest."""
    points = [HALF * Decimal(k) / 1000 for k in range(1, 1001)]
    extremes = [Decimal("0.15"), Decimal("0.4"), HALF]
    a = [2 / LN2, LN2 / 6]
    for _ in range(12):
        rows = []
        for k, r in enumerate(extremes):  # error(a) + slopes * change = +-level
            size = a[0] + a[1] * r * r
            slope = ONE / (size + r) - ONE / (size - r)
            rows.append([slope, slope * r * r, -ONE if k % 2 else ONE, -power_error(a, r)])
        change = solve(rows)
        a = [a[0] + change[0], a[1] + change[1]]
        errors = [power_error(a, r) for r in points]
        turns = [
            k
            for k in range(1, len(points) - 1)
            if (errors[k] - errors[k - 1]) * (errors[k + 1] - errors[k]) < 0
        ]
        if len(turns) == 2:
            extremes = [points[turns[0]], points[turns[1]], HALF]
    return [single(value) for value in a]


def literal(value):
    return re.sub(r"\.?0*p", "p", value.hex(), count=1) + "f"


def written():
    lines = ["static const float mg_gelu_table[4][32] __attribute__((aligned(64))) = {"]
    for row in gelu_table():
        lines.append("    {" + ", ".join(literal(value) if value else "0" for value in row) + "},")
    lines.append("};")
    a0, a1 = power_constants()
    return "\n".join(lines), f"#define MG_POWER_A0 {literal(a0)}", f"#define MG_POWER_A1 {literal(a1)}"


def numbers(text):
    return [float.fromhex(v.rstrip("f")) for v in re.findall(r"-?0x[0-9a-f.]+p[-+]?\d+f?|(?<=[{ ])0(?=[,}])", text)]


def check(table, a0, a1):
    held = (FOLDER / "gelu_table.h").read_text()
    held = held[held.index("mg_gelu_table[4][32]") :].split("=", 1)[1]
    constants = (FOLDER / "activation.h").read_text()
    same = numbers(held) == numbers(table.split("=", 1)[1])
    for line in (a0, a1):
        name = line.split()[1]
        found = re.search(rf"#define {name} (\S+)", constants)
        same = same and found is not None and numbers(found[1]) == numbers(line.split()[2])
    rows, worst = gelu_table(), Decimal(0)
    for number in range(PIECES):
        centre, low, high = piece(number)
        for k in range(41):
            r = low + (high - low) * k / 40
            value = sum(Decimal(rows[p][(number - FINE) % PIECES]) * (r**p if p else 1) for p in range(DEGREE + 1))
            t = (centre + r) * WIDTH
            worst = max(worst, abs(t * (value - tail(t))))
    power = max(abs(power_error([Decimal(v) for v in power_constants()], HALF * k / 500)) for k in range(501))
    print(f"t*|error of Q(t)| <= {worst:.3e}, relative error of 2^r <= {power:.3e}, files {'agree' if same else 'differ'}")
    return 0 if same else 1


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(check(*written()))
    print("\n".join(written()))
