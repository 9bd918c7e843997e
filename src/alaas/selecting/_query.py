"""What is asked of one run."""

from __future__ import annotations

from dataclasses import dataclass

from alaas.config import Config
from alaas.encoders import Encoder
from alaas.sources import Source
from alaas.strategies import Strategy


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked of one run; ``began`` is when, on the clock of ``time.perf_counter``."""

    source: Source
    strategy: Strategy
    budget: int
    seed: int
    encoder: Encoder
    config: Config
    began: float
