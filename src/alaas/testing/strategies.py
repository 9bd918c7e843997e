"""The contract suite of ``Strategy``: what every strategy, built in or from a plug-in, must do.

In the tests of your own strategy, either of:

    def test_contract():
        check_strategy(MyStrategy())

    @pytest.mark.parametrize("check", strategy_checks(), ids=lambda check: check.__name__)
    def test_contract(check):
        check(MyStrategy())
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from operator import methodcaller
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.errors import BudgetError, SignalError
from alaas.strategies import ScoreStrategy, Strategy, build, registry, utilities
from alaas.types import POOL_AXIS, Selection, SignalName, Signals

Check: TypeAlias = Callable[[Strategy], None]

_PROBABILITIES: tuple[SignalName, ...] = ("probs", "mc_probs", "labelled_probs")
_FLOATS: tuple[SignalName, ...] = (*_PROBABILITIES, "embeddings", "labelled_embeddings", "weights", "costs")
_LABELLED: tuple[SignalName, ...] = ("labelled_embeddings", "labelled_probs", "labels")


def strategy_checks() -> list[Check]:
    """Every check, to be called with a strategy; each raises ``AssertionError`` when a promise is broken."""
    return [
        check for name, check in globals().items() if name.startswith("check_") and name != "check_strategy"
    ]


def check_strategy(strategy: Strategy) -> None:
    """Run every check on ``strategy``.

    Raises:
        AssertionError: a promise of ``Strategy`` is broken; the message names the check.
    """
    for check in strategy_checks():
        try:
            check(strategy)
        except AssertionError as error:
            raise AssertionError(f"{strategy.name} fails {check.__name__}: {error}") from error


def example_signals(
    strategy: Strategy,
    n: int = 60,
    *,
    classes: int = 4,
    labelled: int = 7,
    optional: bool = True,
    seed: int = 0,
) -> Signals:
    """Make the signals that a strategy needs, and those it accepts if ``optional``."""
    rng = np.random.default_rng(seed)
    dimensions, draws, annotators = 6, 5, 3
    every: dict[SignalName, NDArray[Any]] = {
        "probs": rng.dirichlet(np.ones(classes), n),
        "mc_probs": rng.dirichlet(np.ones(classes), (draws, n)),
        "embeddings": rng.normal(size=(n, dimensions)),
        "labelled_embeddings": rng.normal(size=(labelled, dimensions)),
        "labelled_probs": rng.dirichlet(np.ones(classes), labelled),
        "labels": rng.integers(classes, size=labelled),
        "weights": rng.normal(size=(classes, dimensions + 1)),
        "costs": rng.uniform(1.0, 2.0, n),
        "answers": np.where(
            rng.random((n, annotators)) < 0.5, -1, rng.integers(classes, size=(n, annotators))
        ),
    }
    used = strategy.needs | (strategy.accepts if optional else frozenset())
    return Signals(count=n, **{name: every[name] for name in used})


def select(strategy: Strategy, signals: Signals, budget: int, seed: int = 0) -> Selection:
    """Select, and check what is promised of every selection."""
    selection = strategy.select(signals, budget, np.random.default_rng(seed))
    wanted = min(budget, len(signals))
    _promise(selection.indices.dtype == np.int64, f"indices must be int64, got {selection.indices.dtype}")
    _promise(selection.scores.dtype == np.float64, f"scores must be float64, got {selection.scores.dtype}")
    _promise(selection.indices.shape == (wanted,), f"{wanted} picks expected, got {selection.indices.shape}")
    _promise(selection.scores.shape == (wanted,), f"{wanted} scores expected, got {selection.scores.shape}")
    _promise(len(set(selection.indices.tolist())) == wanted, "picks must be distinct")
    _promise(not np.isinf(selection.scores).any(), "scores must be finite, or NaN where there is none")
    return selection


def check_is_a_documented_frozen_dataclass(strategy: Strategy) -> None:
    """Parameters are keyword-only fields with defaults, and the class says what it does."""
    cls = type(strategy)
    _promise("__dataclass_fields__" in vars(cls), "must be a dataclass")
    settings = cls.__dataclass_params__  # type: ignore[attr-defined]
    _promise(settings.frozen, "must be frozen")
    for field in dataclasses.fields(cls):  # type: ignore[arg-type]
        _promise(bool(field.kw_only), f"parameter {field.name} must be keyword-only")
        _promise(
            field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING,
            f"parameter {field.name} must have a default",
        )
    _promise(bool(cls.__doc__) and not str(cls.__doc__).startswith(f"{cls.__name__}("), "needs a docstring")


def check_gives_what_was_asked_for(strategy: Strategy) -> None:
    """Exactly ``min(budget, n)`` distinct picks, from one to more than there are."""
    signals = example_signals(strategy)
    for budget in (1, 2, 17, 59, 60, 1000):
        select(strategy, signals, budget)


def check_scores_an_item_alone_as_in_a_pool(strategy: Strategy) -> None:
    """Where it says ``alone``, an item's score does not depend on the rest of the pool."""
    if not (isinstance(strategy, ScoreStrategy) and strategy.alone):
        return
    pool = example_signals(strategy, 20)
    together = utilities(strategy, pool)
    alone = [utilities(strategy, pool.take(slice(place, place + 1)))[0] for place in range(20)]
    _promise(np.allclose(alone, together, rtol=1e-9), "an item alone must score as it does in a pool")


def check_accepts_numpy_budgets(strategy: Strategy) -> None:
    """A budget may be any whole number type."""
    select(strategy, example_signals(strategy), np.int32(5))  # type: ignore[arg-type]


def check_needs_only_what_it_declares(strategy: Strategy) -> None:
    """It chooses from the signals that it needs, without those that it merely accepts."""
    select(strategy, example_signals(strategy, optional=False), 9)


def check_its_expression_makes_it_again(strategy: Strategy) -> None:
    """``str`` gives the expression from which ``build`` makes an equal strategy, where its name is
    registered.
    """
    if strategy.name in registry:
        _promise(build(str(strategy)) == strategy, f"{strategy} must make an equal strategy")


def check_same_seed_same_picks(strategy: Strategy) -> None:
    """The same inputs and seed give the same picks and scores."""
    signals = example_signals(strategy)
    first, second = select(strategy, signals, 12, seed=3), select(strategy, signals, 12, seed=3)
    _promise(np.array_equal(first.indices, second.indices), "the same seed must give the same picks")
    _promise(np.array_equal(first.scores, second.scores, equal_nan=True), "and the same scores")


def check_leaves_global_randomness_alone(strategy: Strategy) -> None:
    """Chance comes from ``rng`` alone: numpy's global generator is neither used nor moved."""
    signals = example_signals(strategy)
    np.random.seed(1)  # noqa: NPY002 - the very thing that must not matter
    first = select(strategy, signals, 12)
    after = np.random.random()  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    second = select(strategy, signals, 12)
    np.random.seed(1)  # noqa: NPY002
    _promise(after == np.random.random(), "numpy's global generator was moved")  # noqa: NPY002
    _promise(np.array_equal(first.indices, second.indices), "numpy's global generator was used")


def check_never_changes_its_inputs(strategy: Strategy) -> None:
    """Inputs stay as they are, and may be read-only."""
    signals = example_signals(strategy)
    before = {name: array.copy() for name, array in _arrays(signals).items()}
    for array in _arrays(signals).values():
        array.flags.writeable = False
    select(strategy, signals, 12)
    for name, array in _arrays(signals).items():
        _promise(np.array_equal(array, before[name]), f"{name} was changed")


def check_takes_every_float_type(strategy: Strategy) -> None:
    """float16, float32 and float64 all work."""
    for dtype in ("float16", "float32", "float64"):
        select(strategy, _mapped(example_signals(strategy), methodcaller("astype", dtype)), 12)


def check_takes_arrays_of_any_layout(strategy: Strategy) -> None:
    """Column-major and strided arrays give a selection too."""
    signals = example_signals(strategy)
    select(strategy, _mapped(signals, np.asfortranarray), 12)
    select(strategy, _mapped(signals, lambda array: np.repeat(array, 2, axis=-1)[..., ::2]), 12)


def check_takes_memory_mapped_arrays(strategy: Strategy) -> None:
    """Arrays in files, opened read-only, give the same picks as in memory."""
    signals = _mapped(example_signals(strategy), methodcaller("astype", "float32"))
    with tempfile.TemporaryDirectory() as folder:
        mapped = {}
        for name, array in _arrays(signals).items():
            path = Path(folder) / f"{name}.npy"
            np.save(path, array)
            mapped[name] = np.load(path, mmap_mode="r")
        found = select(strategy, dataclasses.replace(signals, **mapped), 12)
        del mapped
    _promise(np.array_equal(found.indices, select(strategy, signals, 12).indices), "picks must be the same")


def check_refuses_impossible_budgets(strategy: Strategy) -> None:
    """A budget is a whole number of at least 1."""
    signals = example_signals(strategy)
    for budget in (0, -5, "ten", True, 2.5, None, np.nan):
        _refuses(strategy, signals, BudgetError, "budget", budget)


def check_names_a_missing_signal(strategy: Strategy) -> None:
    """A missing signal is an error that names the strategy and the signal."""
    for name in strategy.needs:
        signals = dataclasses.replace(example_signals(strategy), **{name: None})
        _refuses(strategy, signals, SignalError, name)


def check_refuses_values_that_are_not_finite(strategy: Strategy) -> None:
    """NaN and infinity are refused wherever they stand, by the signal's name."""
    for name in _used_floats(strategy):
        for value in (np.nan, np.inf, -np.inf):
            signals = example_signals(strategy)
            _arrays(signals)[name].flat[-1] = value
            _refuses(strategy, signals, SignalError, name)


def check_refuses_probabilities_that_are_none(strategy: Strategy) -> None:
    """Logits, negative values and rows that do not sum to 1 are refused."""
    for name in [name for name in _PROBABILITIES if name in strategy.needs]:
        good = _arrays(example_signals(strategy))[name]
        for bad in (good * 2.0, good - 0.5, np.log(good)):
            _refuses(strategy, _with(example_signals(strategy), name, bad), SignalError, name)


def check_refuses_wrong_shapes(strategy: Strategy) -> None:
    """An array with an axis too many or too few, and pools of different sizes, are refused."""
    for name in _used_floats(strategy):
        signals = example_signals(strategy)
        array = _arrays(signals)[name]
        for bad in (array[..., np.newaxis], array[0], np.float64(1.0), array.tolist()):
            _refuses(strategy, _with(signals, name, bad), SignalError, name)
        if name in POOL_AXIS:
            shorter = np.delete(array, -1, axis=POOL_AXIS[name])
            _refuses(strategy, _with(signals, name, shorter, count=len(signals)), SignalError, "pool")


def check_refuses_an_empty_pool(strategy: Strategy) -> None:
    """There is nothing to choose from no items."""
    _refuses(strategy, _taken(example_signals(strategy), np.arange(0)), SignalError, "empty")


def check_breaks_ties_at_random(strategy: Strategy) -> None:
    """Among equal items every one may be picked, first or at all; their position says nothing."""
    n, runs = 6, 120
    equal = _taken(example_signals(strategy), np.zeros(n, dtype=int))
    picks = np.array([select(strategy, equal, 2, seed).indices for seed in range(runs)])
    for what, counts in (
        ("first", np.bincount(picks[:, 0], minlength=n)),
        ("at all", np.bincount(picks.ravel(), minlength=n)),
    ):
        _promise(counts.min() > 0, f"of {n} equal items some are never picked {what}: {counts.tolist()}")
        _promise(counts[0] < counts.sum() / 2, f"the first of equal items wins {what}: {counts.tolist()}")


def check_copes_with_one_item(strategy: Strategy) -> None:
    """A pool of one item has one answer."""
    select(strategy, example_signals(strategy, n=1), 1)
    select(strategy, example_signals(strategy, n=1), 10)


def check_copes_with_nothing_labelled(strategy: Strategy) -> None:
    """Where labelled items are used, there may be none of them yet."""
    if not (strategy.needs | strategy.accepts).isdisjoint(_LABELLED):
        for budget in (1, 12, 60):
            select(strategy, example_signals(strategy, labelled=0), budget)


def check_copes_with_few_labels(strategy: Strategy) -> None:
    """One labelled item, of one class, is a beginning."""
    if not (strategy.needs | strategy.accepts).isdisjoint(_LABELLED):
        select(strategy, example_signals(strategy, labelled=1), 12)


def check_copes_with_one_class(strategy: Strategy) -> None:
    """With one class everything is certain, which is no reason to fail."""
    select(strategy, example_signals(strategy, classes=1), 12)


def check_copes_with_certain_predictions(strategy: Strategy) -> None:
    """Probabilities of exactly 0 and 1 are probabilities."""
    signals = example_signals(strategy)
    for name in [name for name in _PROBABILITIES if name in _used_floats(strategy)]:
        probs = _arrays(signals)[name]
        signals = _with(signals, name, (probs == probs.max(axis=-1, keepdims=True)).astype(np.float64))
    for budget in (1, 12, 60):
        select(strategy, signals, budget)


def check_copes_with_equal_items(strategy: Strategy) -> None:
    """A pool of equal items still gives as many distinct picks as were asked for."""
    equal = _taken(example_signals(strategy), np.zeros(20, dtype=int))
    for budget in (1, 7, 20):
        select(strategy, equal, budget)


def check_copes_with_repeated_items(strategy: Strategy) -> None:
    """More picks than there are different items are distinct picks all the same."""
    signals = example_signals(strategy)
    select(strategy, _taken(signals, np.arange(60) % 5), 30)


def _promise(kept: bool, otherwise: str) -> None:
    if not kept:
        raise AssertionError(otherwise)


def _refuses(
    strategy: Strategy, signals: Signals, error: type[Exception], word: str, budget: object = 3
) -> None:
    try:
        strategy.select(signals, budget, np.random.default_rng(0))  # type: ignore[arg-type]
    except error as refusal:
        _promise(word in str(refusal), f"the message must speak of {word!r}: {refusal}")
    else:
        _promise(False, f"{error.__name__} expected for {word} with budget {budget!r}, and it chose")


def _arrays(signals: Signals) -> dict[SignalName, NDArray[Any]]:
    names: tuple[SignalName, ...] = (*_FLOATS, "labels", "answers")
    return {name: getattr(signals, name) for name in names if getattr(signals, name) is not None}


def _used_floats(strategy: Strategy) -> list[SignalName]:
    return [name for name in _FLOATS if name in strategy.needs | strategy.accepts]


def _with(signals: Signals, name: SignalName, array: object, *, count: int | None = None) -> Signals:
    return dataclasses.replace(signals, count=count, **{name: array})  # type: ignore[arg-type]


def _mapped(signals: Signals, change: Callable[[NDArray[Any]], NDArray[Any]]) -> Signals:
    floats: dict[SignalName, Any] = {
        name: change(array) for name, array in _arrays(signals).items() if name in _FLOATS
    }
    return dataclasses.replace(signals, **floats)


def _taken(signals: Signals, items: NDArray[np.intp]) -> Signals:
    """A pool of these items of the pool."""
    pool: dict[SignalName, Any] = {
        name: np.take(array, items, axis=POOL_AXIS[name])
        for name, array in _arrays(signals).items()
        if name in POOL_AXIS
    }
    return dataclasses.replace(signals, count=len(items), **pool)
