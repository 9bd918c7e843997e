"""The store in PostgreSQL: the contract."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from alaas.stores import Store
from alaas.stores.sql import Sql
from alaas.testing.stores import StoreSuite
from postgresql import Cluster

pytestmark = pytest.mark.external


class TestPostgresql(StoreSuite):
    @pytest.fixture(autouse=True)
    def _server(self, postgresql: Cluster) -> None:
        self.urls = (postgresql.store(place) for place in itertools.count())

    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url(next(self.urls), clock=clock)
