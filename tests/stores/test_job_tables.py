"""The tables of jobs keep their contract, in memory and in databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from alaas.stores._memory_jobs import MemoryJobTable
from alaas.stores.sql import connect
from alaas.stores.sql._jobs import SqlJobTable
from alaas.testing.job_tables import JobTableSuite


class TestJobsInMemory(JobTableSuite):
    def make(self, clock):
        return MemoryJobTable(clock)


class TestJobsInSqlite(JobTableSuite):
    @pytest.fixture(autouse=True)
    def _database(self, tmp_path: Path):
        self.opened = []
        self.url = f"sqlite:///{tmp_path}/alaas.db"
        yield
        for database in self.opened:
            database.close()

    def make(self, clock):
        self.opened.append(connect(self.url, clock=clock))
        return SqlJobTable(self.opened[-1])


@pytest.mark.external
class TestJobsInPostgresql(JobTableSuite):
    @pytest.fixture(autouse=True)
    def _database(self, postgresql_url: str):
        self.opened = []
        self.url = postgresql_url
        yield
        for database in self.opened:
            database.close()

    def make(self, clock):
        self.opened.append(connect(self.url, clock=clock))
        return SqlJobTable(self.opened[-1])
