"""Streams in every store: the contract, and that they outlive the process."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from alaas.stores import Store, open_store
from alaas.stores.memory import Memory
from alaas.stores.sql import Sql
from alaas.testing.stream_tables import StreamTableSuite, taken_item

if TYPE_CHECKING:
    from postgresql import Cluster


class TestMemoryStreams(StreamTableSuite):
    def make(self, clock: Callable[[], float]) -> Store:
        return Memory(clock=clock)


class TestSqliteStreams(StreamTableSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.paths = (tmp_path / f"{number}.db" for number in itertools.count())

    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url(f"sqlite:///{next(self.paths)}", clock=clock)


@pytest.mark.external
class TestPostgresqlStreams(StreamTableSuite):
    @pytest.fixture(autouse=True)
    def _server(self, postgresql: Cluster) -> None:
        self.urls = (postgresql.store(place) for place in itertools.count())

    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url(next(self.urls), clock=clock)


def test_a_stream_outlives_the_process(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'streams.db'}"
    with open_store(url) as store:
        store.create_project("p", "{}", actor="me")
        store.streams.advance("p", "one", [taken_item("a")], version=0, actor="me")
    with open_store(url) as later:
        assert later.streams.read("p").state == "one"
        assert len(later.streams.taken("p")) == 1
