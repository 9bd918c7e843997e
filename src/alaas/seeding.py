"""Where randomness comes from."""

from __future__ import annotations

import zlib

import numpy as np


def generator(seed: int, *, round_number: int = 0, purpose: str) -> np.random.Generator:
    """A generator that depends on the project's seed, the round and the purpose, and on nothing else.

    A resumed project so draws what the uninterrupted one would have drawn, and one more draw for one purpose
    does not shift the draws of another.
    """
    return np.random.default_rng([seed, round_number, zlib.crc32(purpose.encode())])
