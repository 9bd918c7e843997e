"""The store in SQLite: the contract, in a file and in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from alaas.stores import Store
from alaas.stores.sql import Sql
from alaas.testing.store_machine import StoreMachine
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


class SqliteMachine(StoreMachine):
    def make(self, clock: Callable[[], float]) -> Store:
        return Sql.from_url("sqlite://", clock=clock)


TestSqliteMachine = SqliteMachine.TestCase
TestSqliteMachine.settings = settings(max_examples=8, stateful_step_count=40, deadline=None)
