"""Kernels that numba compiles, for pools on which numpy's passes cost more than loading a compiler.

numpy needs several passes over each block; here one pass reads the numbers at the speed of memory. numba is
an optional package, and every kernel has its definition in numpy besides: without numba, and on small pools,
that runs.

Probabilities are compared by their bits: floats of one sign order as the integers with the same bits do,
and LLVM turns a largest integer, unlike a largest float, into vector instructions. The highest bit is the
sign, the next one is set in 2 and all that is larger, infinity and NaN too: so or-ing the bits of all numbers
tells whether any of them is beyond what a probability can be.
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

BLOCK_BYTES = 8 << 20
"""Numbers that are read once need not stay in a cache, and larger blocks cost less Python."""

_FAST_MATH = {"nnan", "ninf", "nsz", "contract", "reassoc", "arcp"}

ENTROPY_ERROR = 2e-4
"""More than the largest error of ``entropy``: 7e-5 by the polynomial, the rest for sums over thousands of
classes."""

_SQUARES_ERROR = 1e-3
"""More than what a sum of squares in float32 is off by, as a share, for a hundred thousand classes."""

_LOG = (6.94457445e-05, 9.96261948e-01, -4.66442439e-01, 2.18665484e-01, -5.54593137e-02)
"""ln(1 + f) for 0 ≤ f < 1, to 7e-5: Chebyshev fit of degree 4."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a kernel says of a block: values for each row, and whether all rows look like probabilities."""

    values: NDArray[Any]
    sound: bool


def worth(array: Floats) -> bool:
    """Whether the compiled kernels can be used on an array, and pay."""
    large = array.dtype in (np.float16, np.float32) and array.size >= WORTH
    return large and importlib.util.find_spec("numba") is not None


def two_largest(rows: Floats, tolerance: float, least: tuple[float, float] = (0.0, -1.0)) -> Numbers:
    """The largest and second largest value of each row, float32, shape (2, rows).

    With ``least`` = (a, b) the second matters where it is at least a·first + b; elsewhere it may be left 0.
    The squares of all but the first sum to at least the second's, which tells many rows without a search.
    """
    single = np.ascontiguousarray(rows, dtype=np.float32)
    values = np.empty((2, len(single)), dtype=np.float32)
    slope, offset = (np.float32(max(-1.0, number)) for number in least)
    bits, off = _kernels()[0](single, single.view(np.int32), slope, offset, values, values.view(np.int32))
    return Numbers(values=values, sound=_sound(bits, off, tolerance))


def entropy(rows: Floats, tolerance: float) -> Numbers:
    """The entropy of each row in nats within ``ENTROPY_ERROR``, float64, shape (rows,)."""
    single = np.ascontiguousarray(rows, dtype=np.float32)
    values = np.empty(len(single))
    bits, off = _kernels()[1](single, single.view(np.int32), values)
    return Numbers(values=values, sound=_sound(bits, off, tolerance))


def _sound(bits: int, off: float, tolerance: float) -> bool:
    return bool(0 <= bits < 1 << 30 and off <= tolerance)


@cache
def _kernels() -> tuple[Callable[..., tuple[int, float]], ...]:
    import numba

    single, whole = np.float32, np.int32
    slack = single(1.0 + _SQUARES_ERROR)
    log_two, bias = single(math.log(2.0)), single(127 * math.log(2.0))
    # The mantissa's bits are taken as a whole number, so its scale goes into the coefficients.
    c0, c1, c2, c3, c4 = (single(value * 2.0 ** (-23 * power)) for power, value in enumerate(_LOG))

    def two_largest(rows: Any, bits: Any, slope: Any, offset: Any, found: Any, found_bits: Any) -> Any:
        every, off = whole(0), single(0.0)
        for row in range(rows.shape[0]):
            first, some, total, squares = whole(0), whole(0), single(0.0), single(0.0)
            for column in range(rows.shape[1]):
                value = bits[row, column]
                first = value if value > first else first
                some |= value
                total += rows[row, column]
                squares += rows[row, column] * rows[row, column]
            found_bits[0, row], found_bits[1, row] = first, whole(0)
            least = slope * found[0, row] + offset
            bound = found[0, row] * found[0, row] + least * least
            hopeless = least > single(0.0) and squares * slack < bound
            if rows.shape[1] > 1 and not hopeless:  # with one class there is no second
                second, lower = whole(0), whole(0)
                for column in range(rows.shape[1]):
                    value = bits[row, column]
                    below = value < first
                    lower += whole(1) if below else whole(0)
                    value = value if below else whole(0)
                    second = value if value > second else second
                found_bits[1, row] = second if lower == rows.shape[1] - 1 else first
            every |= some
            apart = abs(total - single(1.0))
            off = apart if apart > off else off
        return every, off

    def entropy(rows: Any, bits: Any, found: Any) -> Any:
        every, off = whole(0), single(0.0)
        for row in range(rows.shape[0]):
            some, total, sum_of_logs = whole(0), single(0.0), single(0.0)
            for column in range(rows.shape[1]):
                value = bits[row, column]
                fraction = single(whole(value & whole(0x7FFFFF)))
                exponent = single(whole(value >> whole(23)))
                log = c4 * fraction + c3
                log = log * fraction + c2
                log = log * fraction + c1
                log = log * fraction + c0
                log = exponent * log_two + log
                sum_of_logs += rows[row, column] * log
                total += rows[row, column]
                some |= value
            found[row] = bias * total - sum_of_logs
            every |= some
            apart = abs(total - single(1.0))
            off = apart if apart > off else off
        return every, off

    rows, bits = (numba.types.Array(kind, 2, "C", readonly=True) for kind in (numba.float32, numba.int32))
    pairs = numba.float32[:, ::1], numba.int32[:, ::1]
    of_two = _compile(two_largest, rows, bits, numba.float32, numba.float32, *pairs)
    return of_two, _compile(entropy, rows, bits, numba.float64[::1])


def _compile(kernel: Callable[..., Any], *arguments: object) -> Callable[..., Any]:
    import numba

    result = numba.types.Tuple((numba.int32, numba.float32))
    options = {"nogil": True, "fastmath": _FAST_MATH, "boundscheck": False}
    try:
        compiled: Callable[..., Any] = numba.njit(result(*arguments), cache=True, **options)(kernel)
    except RuntimeError:  # no folder can be written in which it would be kept
        compiled = numba.njit(result(*arguments), **options)(kernel)
    return compiled
