"""Kernels that numba compiles, for pools on which numpy's passes cost more than loading a compiler.

numpy needs several passes over each block; here one pass reads the numbers at the speed of memory. numba is
an optional package, and every kernel has its definition in numpy besides: without numba, and on small pools,
that runs.

Probabilities are compared by their bits: floats of one sign order as the integers with the same bits do, and
LLVM turns a largest integer, unlike a largest float, into vector instructions. NaN and infinity are larger
than any probability's bits, negative values smaller.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.types import Floats

WORTH = 1 << 24
"""Numbers from which on compiled kernels are used: loading them takes half a second."""

_ONE = int(np.float32(1.01).view(np.int32))
_FAST_MATH = {"nnan", "ninf", "nsz", "contract", "reassoc", "arcp"}

ENTROPY_ERROR = 1e-4
"""More than the largest error of ``entropy``: 2.9e-5 by the polynomial, the rest for sums of up to 10,000
classes."""

_LOG = (9.97503255e-06, 9.99235484e-01, -4.90230723e-01, 2.85272681e-01, -1.31581825e-01, 3.04490045e-02)
"""ln(1 + f) for 0 ≤ f < 1, to 1e-5: Chebyshev fit of degree 5."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a kernel says of a block: values for each row, and whether all rows look like probabilities."""

    values: NDArray[Any]
    sound: bool


def worth(array: Floats) -> bool:
    """Whether the compiled kernels can be used on an array, and pay."""
    large = array.dtype in (np.float16, np.float32) and array.size >= WORTH
    return large and importlib.util.find_spec("numba") is not None


def two_largest(rows: Floats, tolerance: float) -> Numbers:
    """The largest and second largest value of each row, float32, shape (2, rows)."""
    single = np.ascontiguousarray(rows, dtype=np.float32)
    values = np.empty((2, len(single)), dtype=np.int32)
    low, high, off = _kernels()[0](single, single.view(np.int32), values)
    return Numbers(values=values.view(np.float32), sound=_sound(low, high, off, tolerance))


def entropy(rows: Floats, tolerance: float) -> Numbers:
    """The entropy of each row in nats within ``ENTROPY_ERROR``, float64, shape (rows,)."""
    single = np.ascontiguousarray(rows, dtype=np.float32)
    values = np.empty(len(single))
    low, high, off = _kernels()[1](single, single.view(np.int32), values)
    return Numbers(values=values, sound=_sound(low, high, off, tolerance))


def _sound(low: int, high: int, off: float, tolerance: float) -> bool:
    return bool(low >= 0 and high <= _ONE and off <= tolerance)


@cache
def _kernels() -> tuple[Callable[..., tuple[int, int, float]], ...]:
    import numba

    single, whole = np.float32, np.int32
    lowest, infinite = whole(-(2**31) + 1), whole(0x7F800000)
    log_two, bias = single(math.log(2.0)), single(127 * math.log(2.0))
    # The mantissa's bits are taken as a whole number, so its scale goes into the coefficients.
    c0, c1, c2, c3, c4, c5 = (single(value * 2.0 ** (-23 * power)) for power, value in enumerate(_LOG))

    def two_largest(rows: Any, bits: Any, found: Any) -> Any:
        low, high, off = infinite, whole(0), single(0.0)
        for row in range(rows.shape[0]):
            first, least, total = lowest, infinite, single(0.0)
            for column in range(rows.shape[1]):
                value = bits[row, column]
                first = value if value > first else first
                least = value if value < least else least
                total += rows[row, column]
            second, ties = lowest, whole(0)
            for column in range(rows.shape[1]):
                value = bits[row, column]
                ties += whole(1) if value == first else whole(0)
                below = value if value < first else lowest
                second = below if below > second else second
            found[0, row] = first
            # With one class there is no second: 0.
            found[1, row] = first if ties > 1 else (second if rows.shape[1] > 1 else whole(0))
            low = least if least < low else low
            high = first if first > high else high
            apart = abs(total - single(1.0))
            off = apart if apart > off else off
        return low, high, off

    def entropy(rows: Any, bits: Any, found: Any) -> Any:
        low, high, off = infinite, whole(0), single(0.0)
        for row in range(rows.shape[0]):
            most, least, total, sum_of_logs = lowest, infinite, single(0.0), single(0.0)
            for column in range(rows.shape[1]):
                value = bits[row, column]
                fraction = single(whole(value & whole(0x7FFFFF)))
                exponent = single(whole(value >> whole(23)))
                log = c5 * fraction + c4
                log = log * fraction + c3
                log = log * fraction + c2
                log = log * fraction + c1
                log = log * fraction + c0
                log = exponent * log_two + log
                sum_of_logs += rows[row, column] * log
                total += rows[row, column]
                most = value if value > most else most
                least = value if value < least else least
            found[row] = bias * total - sum_of_logs
            low = least if least < low else low
            high = most if most > high else high
            apart = abs(total - single(1.0))
            off = apart if apart > off else off
        return low, high, off

    rows, bits = (numba.types.Array(kind, 2, "C", readonly=True) for kind in (numba.float32, numba.int32))
    pairs, numbers = numba.int32[:, ::1], numba.float64[::1]
    return _compile(two_largest, rows, bits, pairs), _compile(entropy, rows, bits, numbers)


def _compile(kernel: Callable[..., Any], *arguments: object) -> Callable[..., Any]:
    import numba

    result = numba.types.Tuple((numba.int32, numba.int32, numba.float32))
    options = {"nogil": True, "fastmath": _FAST_MATH, "boundscheck": False}
    try:
        compiled: Callable[..., Any] = numba.njit(result(*arguments), cache=True, **options)(kernel)
    except RuntimeError:  # no folder can be written in which it would be kept
        compiled = numba.njit(result(*arguments), **options)(kernel)
    return compiled
