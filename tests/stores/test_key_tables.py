"""Keys in every store: the contract, and what databases make of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alaas.errors import ConflictError
from alaas.stores import Store, open_store
from alaas.stores.memory import Memory
from alaas.stores.sql import Sql
from alaas.testing.key_tables import KeyTableSuite, new_key

if TYPE_CHECKING:
    from postgresql import Cluster


class TestMemoryKeys(KeyTableSuite):
    def make(self, clock: Callable[[], float]) -> Store:
        return Memory(clock=clock)


class TestSqliteKeys(KeyTableSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.paths = (tmp_path / f"{number}.db" for number in itertools.count())

    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url(f"sqlite:///{next(self.paths)}", clock=clock)


class TestSqliteKeysInMemory(KeyTableSuite):
    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url("sqlite://", clock=clock)


@pytest.mark.external
class TestPostgresqlKeys(KeyTableSuite):
    @pytest.fixture(autouse=True)
    def _server(self, postgresql: Cluster) -> None:
        self.urls = (postgresql.store(place) for place in itertools.count())

    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url(next(self.urls), clock=clock)


def test_keys_outlive_the_process_and_two_stores_on_one_file_agree(tmp_path):
    url = f"sqlite:///{tmp_path / 'keys.db'}"
    with open_store(url) as one, open_store(url) as other:
        row = one.keys.add(new_key("anna", projects=("p",)), actor="me")
        assert other.keys.get("id-anna") == row
        with pytest.raises(ConflictError):
            other.keys.add(new_key("anna", key_id="2"), actor="me")
        other.keys.revoke("anna", actor="me")
        assert one.keys.rows()[0].revoked is not None
    with open_store(url) as later:
        assert [row.name for row in later.keys.rows()] == ["anna"]
        assert later.keys.ever()
