"""The tables of jobs keep their contract, in memory and in databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from alaas.stores._memory_jobs import MemoryJobTable
from alaas.stores.sql import Sql
from alaas.testing.job_tables import JobTableSuite


class TestJobsInMemory(JobTableSuite):
    def make(self, clock):
        return MemoryJobTable(clock)


class TestJobsInSqlite(JobTableSuite):
    @pytest.fixture(autouse=True)
    def _store(self, tmp_path: Path):
        self.url = f"sqlite:///{tmp_path}/alaas.db"
        yield
        self.store.close()

    def make(self, clock):
        self.store = Sql.from_url(self.url, clock=clock)
        return self.store.jobs


@pytest.mark.external
class TestJobsInPostgresql(JobTableSuite):
    @pytest.fixture(autouse=True)
    def _store(self, postgresql_url):
        self.url = postgresql_url
        yield
        self.store.close()

    def make(self, clock):
        self.store = Sql.from_url(self.url, clock=clock)
        return self.store.jobs
