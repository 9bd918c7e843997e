"""Nearest neighbours against all distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alaas.strategies import _nearest
from alaas.strategies._nearest import nearest
from alaas.strategies._vectors import Vectors, frame_around


@settings(max_examples=80, deadline=None)
@given(
    m=st.integers(1, 40),
    n=st.integers(1, 50),
    count=st.integers(1, 50),
    tile=st.integers(1, 17),
    selves=st.booleans(),
    repeated=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_nearest_are_those_of_all_distances(
    m: int, n: int, count: int, tile: int, selves: bool, repeated: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    pool = rng.normal(size=(n, 3))
    if repeated:
        pool = pool[rng.integers(n, size=n)]
    asked = pool if selves else rng.normal(size=(m, 3))
    count = min(count, n - 1 if selves else n)
    if count < 1:
        return
    frame = frame_around(pool, asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_nearest, "_QUERIES", tile)
        patch.setattr(_nearest, "_POINTS", tile + 2)
        found = nearest(Vectors(asked, frame), Vectors(pool, frame), count, selves=selves)
    apart = np.square(asked[:, None] - pool[None]).sum(axis=2)
    if selves:
        np.fill_diagonal(apart, np.inf)
    expected = np.sort(apart, axis=1)[:, :count] * frame.factor**2
    assert found.distances == pytest.approx(expected, abs=1e-5)
    assert np.take_along_axis(apart, found.indices, axis=1) * frame.factor**2 == pytest.approx(
        expected, abs=1e-5
    )
    assert all(len(set(row)) == count for row in found.indices.tolist())
