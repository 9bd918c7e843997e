"""The store in SQLite: the contract, in a file and in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from alaas.stores import Store
from alaas.stores.sql import Sql
from alaas.testing.stores import StoreSuite


class TestSqliteFile(StoreSuite):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.paths = (tmp_path / f"{number}.db" for number in itertools.count())

    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url(f"sqlite:///{next(self.paths)}", clock=clock)


class TestSqliteInMemory(StoreSuite):
    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url("sqlite://", clock=clock)
