"""``alaas.query``: arrays in, indices out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alaas.errors import SignalError
from alaas.strategies._base import Strategy
from alaas.strategies._build import build
from alaas.types import JSON, Indices, Signals


def query(
    strategy: str | Strategy,
    *,
    budget: int,
    probs: ArrayLike | None = None,
    mc_probs: ArrayLike | None = None,
    embeddings: ArrayLike | None = None,
    labelled_embeddings: ArrayLike | None = None,
    labelled_probs: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    answers: ArrayLike | None = None,
    count: int | None = None,
    parameters: Mapping[str, JSON] | None = None,
    seed: int = 0,
) -> Indices:
    """Choose ``budget`` items from arrays that you have already.

    Args: strategy: its name, an expression such as ``margin >> k_center``, or a strategy made with parameters
        of
            its own.
        budget: how many; more than n gives all n.
        probs: class probabilities of the pool, shape (n, C).
        mc_probs: K stochastic or ensemble probabilities, shape (K, n, C).
        embeddings: the pool's embeddings, shape (n, D).
        labelled_embeddings: embeddings that are labelled already, shape (m, D).
        labelled_probs: the learner's class probabilities of what is labelled, shape (m, C).
        labels: the labels, as class numbers in the order of the columns of probs, shape (m,).
        weights: the learner's linear layer with the bias as last column, shape (C, D + 1).
        costs: what each item costs to label, shape (n,).
        answers: what A annotators said of each item, as class numbers, -1 for nothing, shape (n, A).
        count: the pool's size, for a strategy that needs no array.
        parameters: the strategy's parameters, when it is given by name.
        seed: the same seed and arrays give the same picks.

    Returns:
        Distinct positions in the pool, best first, shape (min(budget, n),), int64.

    Raises:
        UnknownNameError: no strategy has that name.
        BudgetError: the budget is not a whole number of at least 1.
        SignalError: a needed array is missing, misshapen or not finite.

    Example:
        >>> import numpy as np, alaas
        >>> alaas.query("margin", budget=1, probs=np.array([[0.9, 0.1], [0.55, 0.45]]))
        array([1])
    """
    chosen = build(strategy, parameters) if isinstance(strategy, str) else strategy
    signals = Signals(
        probs=array_of("probs", probs),
        mc_probs=array_of("mc_probs", mc_probs),
        embeddings=array_of("embeddings", embeddings),
        labelled_embeddings=array_of("labelled_embeddings", labelled_embeddings),
        labelled_probs=array_of("labelled_probs", labelled_probs),
        labels=None if labels is None else np.asarray(labels),
        weights=array_of("weights", weights),
        costs=array_of("costs", costs),
        answers=None if answers is None else np.asarray(answers),
        count=count,
    )
    return chosen.select(signals, budget, np.random.default_rng(seed)).indices


def array_of(name: str, values: ArrayLike | None) -> NDArray[Any] | None:
    """What a caller gave as an array; whole numbers and booleans become float64.

    Raises:
        SignalError: it is none.
    """
    if values is None:
        return None
    # np.asarray would strip np.memmap of its class, by which kernels know that its pages can be given back.
    if not isinstance(values, np.ndarray):
        try:
            values = np.asarray(values)
        except ValueError as error:
            raise SignalError(f"{name} is not an array: {error}") from error
    # [[1, 0], [0, 1]] means probabilities too; float64 holds every 32-bit whole number exactly.
    return values.astype(np.float64) if values.dtype.kind in "biu" else values
