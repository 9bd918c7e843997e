"""A short race: every candidate runs the same batch, called side by side as the pipeline calls it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alaas.config import EngineSettings
from alaas.engines._base import Batch, Example, LoadedModel
from alaas.engines._candidates import Candidate
from alaas.errors import AlaasError, ModelError

_ROUNDS = 3
_SECONDS = 0.15
"""Of one round of one candidate; the best round counts, so that a slow moment of the machine does not."""

_HOPELESS = 0.5
"""Who is slower than this share of the fastest after a round is not measured further."""

_EXACT, _ROUNDED = 0.05, 1.0
"""How far the outputs of two engines may lie apart, as a share of their length: if both compute in fp32, and
if one rounds more. What lies further apart is another model's output."""

_INTEGERS = ("int32", "int64")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a trial found of one candidate: its speed, or the ``reason`` why it cannot be used.

    ``difference`` is how far its outputs lie from those of the best liked candidate, as a share of their
    length.
    """

    engine: str
    precision: str
    items_per_second: float | None = None
    difference: float | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reference:
    """What the others' outputs are compared with."""

    outputs: Batch
    precision: str


@dataclass(kw_only=True)
class _Runner:
    candidate: Candidate
    model: LoadedModel
    feed: Batch
    difference: float
    rate: float = 0.0


def race(
    candidates: Sequence[Candidate],
    *,
    settings: EngineSettings,
    threads: int,
    callers: int,
    path: Path,
    example: Example,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Outcome, ...]:
    """Load each candidate, check that it computes what the first does, and measure its items per second.

    Args:
        candidates: best liked first.
        settings: of ``auto``.
        threads: threads inside one call.
        callers: calls at the same time.
        path: the model file.
        example: makes the batch.
        clock: seconds.

    Returns:
        An outcome for each candidate, in their order.
    """
    batch = example()
    items = len(next(iter(batch.values())))
    runners: list[_Runner] = []
    outcomes: dict[Candidate, Outcome] = {}
    reference: _Reference | None = None
    with ThreadPoolExecutor(callers) as pool:
        for candidate in candidates:
            try:
                model = candidate.open(settings, threads=threads).settled(path, example).load(path)
                feed = _feed(model, batch)
                outputs, *_ = pool.map(model.run, [feed] * callers)  # first calls allocate
                difference = _checked(candidate, model, outputs, reference)
            except Exception as error:  # noqa: BLE001  (whatever it is, this engine is not to be used)
                outcomes[candidate] = _refused(candidate, error)
                continue
            reference = reference or _Reference(outputs=outputs, precision=model.precision)
            runners.append(_Runner(candidate=candidate, model=model, feed=feed, difference=difference))
        _measure(runners, outcomes, pool, items=items, callers=callers, clock=clock)
    for runner in runners:
        outcomes.setdefault(
            runner.candidate,
            Outcome(
                engine=runner.candidate.engine,
                precision=runner.candidate.precision,
                items_per_second=runner.rate,
                difference=runner.difference,
            ),
        )
    return tuple(outcomes[candidate] for candidate in candidates)


def _measure(
    runners: Sequence[_Runner],
    outcomes: dict[Candidate, Outcome],
    pool: ThreadPoolExecutor,
    *,
    items: int,
    callers: int,
    clock: Callable[[], float],
) -> None:
    """Take turns, so that a change of the machine's speed meets all of them."""
    for number in range(_ROUNDS):
        best = max((runner.rate for runner in runners), default=0.0)
        for runner in runners:
            if runner.candidate in outcomes or (number and runner.rate < _HOPELESS * best):
                continue
            try:
                runner.rate = max(runner.rate, items * _calls_a_second(runner, pool, callers, clock))
            except Exception as error:  # noqa: BLE001  (whatever it is, this engine is not to be used)
                outcomes[runner.candidate] = _refused(runner.candidate, error)


def _calls_a_second(
    runner: _Runner, pool: ThreadPoolExecutor, callers: int, clock: Callable[[], float]
) -> float:
    began = clock()

    def call(_caller: int) -> int:
        calls = 0
        while calls == 0 or clock() - began < _SECONDS:
            runner.model.run(runner.feed)
            calls += 1
        return calls

    calls = sum(pool.map(call, range(callers)))
    return calls / max(clock() - began, 1e-9)


def _feed(model: LoadedModel, batch: Batch) -> dict[str, NDArray[Any]]:
    """The arrays that the model takes; exporters choose int32 or int64 for tokens, which mean the same."""
    feed = {}
    for spec in model.inputs:
        if spec.name not in batch:
            raise ModelError(f"it wants an input {spec.name!r}, but there is only {', '.join(batch)}")
        array = batch[spec.name]
        whole = spec.dtype in _INTEGERS and str(array.dtype) in _INTEGERS
        feed[spec.name] = array.astype(spec.dtype, copy=False) if whole else array
    return feed


def _checked(
    candidate: Candidate,
    model: LoadedModel,
    outputs: Batch,
    reference: _Reference | None,
) -> float:
    """How far the outputs lie from the reference's.

    Raises:
        ModelError: it computes in another precision than was asked for, or something else altogether.
    """
    if model.precision != candidate.computes:
        raise ModelError(f"it computes in {model.precision}, not in {candidate.computes}")
    if not all(np.isfinite(np.asarray(values, dtype=np.float64)).all() for values in outputs.values()):
        raise ModelError("it gives values that are not finite")
    if reference is None:
        return 0.0
    difference = max(_apart(outputs.get(name), values) for name, values in reference.outputs.items())
    exact = reference.precision == model.precision == "fp32"
    if difference > (_EXACT if exact else _ROUNDED):
        raise ModelError(
            f"its outputs differ by {difference:.1%} from those of the engine that was tried first"
        )
    return difference


def _apart(found: NDArray[Any] | None, expected: NDArray[Any]) -> float:
    if found is None or found.shape != expected.shape:
        shape = "nothing" if found is None else found.shape
        raise ModelError(f"it gives {shape} where {expected.shape} is expected")
    wanted = np.asarray(expected, dtype=np.float64)
    length = float(np.linalg.norm(wanted))
    return float(np.linalg.norm(np.asarray(found, dtype=np.float64) - wanted)) / max(length, 1e-12)


def _refused(candidate: Candidate, error: Exception) -> Outcome:
    said = error.message if isinstance(error, AlaasError) else f"{type(error).__name__}: {error}"
    return Outcome(
        engine=candidate.engine, precision=candidate.precision, reason=" ".join(said.split())[:500]
    )
