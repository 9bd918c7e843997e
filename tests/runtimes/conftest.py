"""One Ray cluster for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def ray_cluster() -> Iterator[None]:
    """Two cores and a small object store; the runtime finds that this process is connected to it."""
    ray = pytest.importorskip("ray")

    from alaas.config import RaySettings
    from alaas.runtimes.ray._connection import connect

    connect(RaySettings(address="local", object_store=200_000_000))
    yield
    ray.shutdown()
