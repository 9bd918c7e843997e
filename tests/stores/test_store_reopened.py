"""A database that is closed and opened again at any moment says what a store says that never was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from alaas.stores.sql import Sql
from alaas.testing.store_machine import StoreMachine


class ReopenedMachine(StoreMachine):
    def make(self, clock):
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name) / 'alaas.db'}"
        return Sql.from_url(self.url, clock=clock)

    def reopen(self, store):
        store.close()
        return Sql.from_url(self.url, clock=self.clock)

    def teardown(self):
        super().teardown()
        if hasattr(self, "folder"):
            self.folder.cleanup()


@pytest.mark.slow
def test_closing_and_opening_changes_nothing():
    run_state_machine_as_test(
        ReopenedMachine, settings=settings(max_examples=5, stateful_step_count=25, deadline=None)
    )
