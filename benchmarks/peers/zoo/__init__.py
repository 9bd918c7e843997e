"""Other packages' strategies on our arrays, a file a package; run in the environment ``zoo``.

Each file holds ``STRATEGIES``: from the name that the strategy has here to a function of the arrays, the
budget and a seed that returns picks. Nothing here imports ALaaS, which is not installed there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

Arrays: TypeAlias = Mapping[str, Any]
Peer: TypeAlias = Callable[[Arrays, int, int], Sequence[int]]

PACKAGES = (
    "alipy",
    "apricot",
    "mundig",
    "modal",
    "plain",
    "repository",
    "skactiveml",
    "small_text",
    "submodlib",
)
