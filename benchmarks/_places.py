"""Where the benchmarks keep what takes long to make."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path


def default_scratch() -> Path:
    """Unpacked data sets; ``ALAAS_BENCHMARK_SCRATCH`` moves it."""
    return Path(os.environ.get("ALAAS_BENCHMARK_SCRATCH", user_cache_path("alaas") / "benchmarks"))


def default_peers() -> Path:
    """The peers' environments; ``ALAAS_BENCHMARK_PEERS`` moves them."""
    return Path(os.environ.get("ALAAS_BENCHMARK_PEERS", user_cache_path("alaas") / "benchmark-peers"))
