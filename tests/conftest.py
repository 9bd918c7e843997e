"""What every test shares: nothing of the user's own cache or settings is touched, and Ctrl-C works."""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from postgresql import Cluster

# torchvision's wheel is compiled for another build of torch than the one without CUDA, and would not import
# for want of two operators, which nothing here calls.
if importlib.util.find_spec("torchvision"):
    import torch

    _OPERATORS = torch.library.Library("torchvision", "DEF")  # the operators vanish with this object
    for _name in ("nms", "qnms"):
        _OPERATORS.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

# A job that a shell runs in the background ignores Ctrl-C, and so does every process that it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _own_world(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a feature cache and a data folder of its own, and no settings from the environment.

    Converted models are shared: they are named and checked by their digest.
    """
    for name in [name for name in os.environ if name.startswith("ALAAS_") and "MODELS" not in name]:
        monkeypatch.delenv(name)
    cache: Path = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ALAAS_CACHE_DIRECTORY", str(cache))
    monkeypatch.setenv("ALAAS_STORE_URL", "memory:")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server for all tests of this process."""
    from postgresql import cluster  # it brings a database driver, which most tests do without

    with cluster() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> str:
    """The URL of a PostgreSQL database with the store's tables, all empty."""
    return postgresql.store(9)
