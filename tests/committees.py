"""Committees of all kinds for tests: members that differ, agree or are certain, and items that repeat."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

DTYPES = st.sampled_from(["float16", "float32", "float64"])


@st.composite
def committees(
    draw: st.DrawFn, *, members: int = 6, items: int = 20, classes: tuple[int, ...] = (1, 2, 3, 5, 33)
) -> NDArray[np.float64]:
    """Draw what up to ``members`` members say of up to ``items`` items, shape (K, n, C)."""
    count, n, width = (
        draw(st.integers(1, members)),
        draw(st.integers(1, items)),
        draw(st.sampled_from(classes)),
    )
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    says = rng.dirichlet(np.full(width, draw(st.sampled_from([0.05, 0.5, 5.0]))), (count, n))
    kind = draw(st.sampled_from(["different", "unanimous", "certain", "repeated"]))
    if kind == "unanimous":
        says[:] = says[0]
    elif kind == "certain":
        says = np.eye(width)[says.argmax(axis=2)]
    elif kind == "repeated":
        says = says[:, rng.integers(n, size=n)]
    return says
