"""What tests of stores share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postgresql import Cluster, cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """A PostgreSQL server for all tests of this process."""
    with cluster() as server:
        yield server
