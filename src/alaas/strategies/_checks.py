"""What every strategy refuses, checked once, at the speed of memory."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from alaas.errors import SignalError
from alaas.strategies._blocks import blocks
from alaas.types import POOL_AXIS, SignalName, Signals

T = TypeVar("T")

_SHAPES: dict[SignalName, str] = {
    "probs": "(n, C)",
    "mc_probs": "(K, n, C)",
    "embeddings": "(n, D)",
    "labelled_embeddings": "(m, D)",
    "labelled_probs": "(m, C)",
    "labels": "(m,)",
    "weights": "(C, D + 1)",
    "costs": "(n,)",
    "answers": "(n, A)",
}
_RANKS: dict[SignalName, int] = {name: shape.strip("(,)").count(",") + 1 for name, shape in _SHAPES.items()}
_LABELLED: tuple[SignalName, ...] = ("labelled_embeddings", "labelled_probs", "labels")
_PROBABILITIES: tuple[SignalName, ...] = ("probs", "mc_probs", "labelled_probs")
_CLASSES: tuple[SignalName, ...] = ("labels", "answers")

_CHECK_BYTES = 1 << 20
"""The second reading of a block comes from a core's own cache."""

SUM_TOLERANCE = 0.01
"""How far a row of probabilities may be from 1: a softmax computed in float16 or int8 is this far off."""

_NEGATIVE_TOLERANCE = 1e-3
"""Rounding of 1 - p in float16 may go this far below 0; kernels treat such values as 0."""


def check_signals(
    strategy: str,
    needs: frozenset[SignalName],
    accepts: frozenset[SignalName],
    signals: Signals,
    streams: frozenset[SignalName] = frozenset(),
) -> int:
    """Check the signals that a strategy uses and return the pool's size n.

    The values of those in ``streams`` are left to the strategy, which checks them as it reads them.

    Probabilities must be at least 0 and each row must sum to 1, within what a softmax in float16 or int8
    leaves (0.01); they are used as they are, not rescaled. Signals that the strategy does not use are
    checked for their shape alone.

    Raises:
        SignalError: naming the strategy, the signal, what was got and what was expected.
    """
    sizes: dict[str, int] = {}
    for name in _SHAPES:
        array = getattr(signals, name)
        if array is None:
            if name in needs:
                raise SignalError(
                    f"strategy {strategy!r} needs {name}, shape {_SHAPES[name]}, and got none; pass {name}= "
                    f"or choose a model that provides it"
                )
            continue
        _check_shape(strategy, name, array)
        if name in POOL_AXIS:
            sizes[name] = int(array.shape[POOL_AXIS[name]])
    if signals.count is not None:
        sizes["count"] = signals.count
    if len(set(sizes.values())) > 1:
        raise SignalError(f"strategy {strategy!r} got signals of different pool sizes: {sizes}")
    n = next(iter(sizes.values()), 0)
    if n < 1:
        raise SignalError(
            f"strategy {strategy!r} got an empty pool; pass at least one item, or count= when it "
            f"needs no array"
        )
    for name in sorted(needs | accepts):
        array = getattr(signals, name)
        if array is not None:
            _check_type(strategy, name, array)
            if name not in streams:
                _check_values(strategy, name, array)
    _check_labelled(strategy, signals)
    return n


def given(array: T | None) -> T:
    """Return a signal that ``needs`` names, for the type checker's sake.

    Raises:
        SignalError: it is not there, because a kernel was called without the base class's checks.
    """
    if array is None:
        raise SignalError("a signal that the strategy needs is missing; call select, which checks its inputs")
    return array


def _check_shape(strategy: str, name: SignalName, array: NDArray[Any]) -> None:
    if not isinstance(array, np.ndarray):
        raise SignalError(
            f"strategy {strategy!r} expects {name} as an array of shape {_SHAPES[name]}, got "
            f"{type(array).__name__}; wrap it in numpy.asarray"
        )
    if array.ndim != _RANKS[name]:
        raise SignalError(
            f"strategy {strategy!r} expects {name} of shape {_SHAPES[name]}, got shape {array.shape}"
        )
    if array.size == 0 and name not in _LABELLED:
        raise SignalError(f"strategy {strategy!r} got empty {name} of shape {array.shape}")


def _check_values(strategy: str, name: SignalName, array: NDArray[Any]) -> None:
    if name in _CLASSES:
        return
    for plane in array if name == "mc_probs" else (array,):
        for start, block in blocks(plane, _CHECK_BYTES):
            check_block(strategy, name, start, block)


def _check_type(strategy: str, name: SignalName, array: NDArray[Any]) -> None:
    if name not in _CLASSES and not np.issubdtype(array.dtype, np.floating):
        raise SignalError(
            f"strategy {strategy!r} expects {name} of a float type, got {array.dtype}; use "
            f"array.astype(numpy.float32)"
        )


def check_block(strategy: str, name: SignalName, start: int, block: NDArray[Any]) -> None:
    """Check some rows of a signal, of which ``start`` is the first one's number.

    Raises:
        SignalError: NaN, infinity, or what cannot be a probability where probabilities are expected.
    """
    rows = block[:, np.newaxis] if block.ndim == 1 else block
    wide = rows.astype(np.float32) if rows.dtype == np.float16 else rows
    # NaN or infinity reaches the sum. A sum may also overflow on finite values, hence the second look. einsum
    # reads at the speed of memory; BLAS would start threads inside the threads that call this.
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.einsum("ij->i", wide)
    suspects = np.flatnonzero(~np.isfinite(sums))
    bad = suspects[~np.isfinite(wide[suspects]).all(axis=1)] if suspects.size else suspects
    if bad.size:
        raise SignalError(
            f"strategy {strategy!r} refuses {name}: NaN or infinity in {_rows(start, bad)}; mend or drop "
            f"these items first"
        )
    if name in _PROBABILITIES:
        _check_distribution(strategy, name, start, wide, sums)


def _check_distribution(
    strategy: str, name: SignalName, start: int, rows: NDArray[Any], sums: NDArray[Any]
) -> None:
    if rows.min() < -_NEGATIVE_TOLERANCE:
        bad = np.flatnonzero((rows < -_NEGATIVE_TOLERANCE).any(axis=1))
        raise SignalError(
            f"strategy {strategy!r} refuses {name}: negative values (lowest {rows.min():.4g}) in "
            f"{_rows(start, bad)}; probabilities were expected: pass logits through a softmax"
        )
    bad = np.flatnonzero(~(np.abs(sums - 1.0) <= SUM_TOLERANCE))
    if bad.size:
        raise SignalError(
            f"strategy {strategy!r} refuses {name}: a sum of {sums[bad[0]]:.4g} instead of 1 in "
            f"{_rows(start, bad)}; pass logits through a softmax, or divide each row by its sum"
        )


def _rows(start: int, bad: NDArray[np.int64]) -> str:
    first = ", ".join(str(start + row) for row in bad[:3])
    return f"row {first}" if bad.size == 1 else f"rows {first}{' …' if bad.size > 3 else ''}"


def _check_labelled(strategy: str, signals: Signals) -> None:
    """Check that what is labelled fits together, and fits the pool."""
    lengths = {name: len(array) for name in _LABELLED if (array := getattr(signals, name)) is not None}
    if len(set(lengths.values())) > 1:
        raise SignalError(f"strategy {strategy!r} got different numbers of labelled items: {lengths}")
    pool, known = signals.embeddings, signals.labelled_embeddings
    if known is not None and pool is not None and known.shape[1] != pool.shape[1]:
        raise SignalError(
            f"strategy {strategy!r} got embeddings with D = {pool.shape[1]} and labelled_embeddings with "
            f"D = {known.shape[1]}; both must come from the same encoder"
        )
    classes = {
        name: int(array.shape[axis])
        for name, axis in (("probs", 1), ("mc_probs", 2), ("labelled_probs", 1), ("weights", 0))
        if (array := getattr(signals, name)) is not None
    }
    if len(set(classes.values())) > 1:
        raise SignalError(f"strategy {strategy!r} got signals with different numbers of classes: {classes}")
    if signals.weights is not None and pool is not None and signals.weights.shape[1] != pool.shape[1] + 1:
        raise SignalError(
            f"strategy {strategy!r} got weights of shape {signals.weights.shape} for embeddings with "
            f"D = {pool.shape[1]}; expected (C, D + 1), with the bias as last column"
        )


def class_numbers(
    strategy: str, numbers: NDArray[Any], classes: int, *, name: str = "labels", least: int = 0
) -> NDArray[np.int64]:
    """Return labels as class numbers, for a strategy that has to know which column of probs each one means.

    Raises:
        SignalError: they are not whole numbers from ``least`` to ``classes`` - 1.
    """
    whole = numbers.dtype.kind in "iu" or (
        numbers.dtype.kind == "f" and bool((np.isfinite(numbers) & (numbers == np.floor(numbers))).all())
    )
    if not whole or (numbers.size and not (least <= numbers.min() and numbers.max() < classes)):
        shown = ", ".join(map(str, np.unique(numbers)[:5].tolist()))
        raise SignalError(
            f"strategy {strategy!r} expects {name} as class numbers from {least} to {classes - 1}, one for "
            f"each column of probs, got {shown} …; number the classes in the order of the columns"
        )
    return numbers.astype(np.int64)
