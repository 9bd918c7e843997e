"""BatchBALD beside scikit-activeml's, which follows the authors' own."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from alaas.strategies._configurations import Configurations
from alaas.strategies.batch_bald import BatchBald
from alaas.types import Signals

pytestmark = pytest.mark.peers


def theirs(says: NDArray[np.float64], budget: int, configurations: int, seed: int) -> list[int]:
    """Picks of scikit-activeml's function, which clips what it is given in place."""
    pool = pytest.importorskip("skactiveml.pool")
    utilities = pool.batch_bald(says.copy(), budget, n_MC_samples=configurations, random_state=seed)
    return [int(np.nanargmax(step)) for step in utilities]


def ours(says: NDArray[np.float64], budget: int, configurations: int, seed: int) -> list[int]:
    strategy = BatchBald(configurations=configurations, candidates=says.shape[1])
    return strategy.select(Signals(mc_probs=says), budget, np.random.default_rng(seed)).indices.tolist()


def information(says: NDArray[np.float64], batch: list[int]) -> float:
    """The joint information of a batch over 20,000 configurations."""
    rng, joined, total = np.random.default_rng(9), Configurations.of_nothing(len(says)), 0.0
    for item in batch:
        total += float(joined.gains(says[:, [item]])[0])
        joined = joined.joined(says[:, item], 20_000, rng)
    return total


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("members", "classes", "concentration"), [(5, 3, 1.0), (10, 2, 0.5), (8, 4, 3.0)])
def test_picks_are_the_same_while_exact(members: int, classes: int, concentration: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    says = rng.dirichlet(np.full(classes, concentration), (members, 150))
    budget = {2: 9, 3: 6, 4: 5}[classes]
    configurations = classes ** (budget - 1)
    assert ours(says, budget, configurations, 0) == theirs(says, budget, configurations, 0)


def test_drawn_batches_hold_as_much_information() -> None:
    """Beyond enumeration both draw labels, each by its own generator, so that picks may differ.

    Theirs averages the entropy given the member over all members alike, ours over the members' weights in the
    draws, which has the same mean and less noise.
    """
    says = np.random.default_rng(0).dirichlet(np.full(5, 3.0), (10, 200))
    reached = {
        pick: np.mean([information(says, pick(says, 12, 1000, seed)) for seed in range(5)])
        for pick in (ours, theirs)
    }
    assert reached[ours] > 0.99 * reached[theirs]
