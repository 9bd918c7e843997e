"""A few rounds of the kill loop on each store; `make kill-loop` runs many."""

from __future__ import annotations

from pathlib import Path

import pytest
from kill_loop import configured, free_port, run

from postgresql import cluster

KILLS = 8


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_with_sqlite() -> None:
    with configured(None) as (config, url):
        found = run(config, url, kills=KILLS, port=free_port(), seed=1)
        assert not found.troubles, tail(config)
    assert found.labels


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_with_postgresql_which_dies_as_well() -> None:
    with cluster(durable=True) as database, configured(database.database()) as (config, url):
        found = run(config, url, kills=KILLS, port=free_port(), seed=2, database=database)
        assert not found.troubles, tail(config)
    assert found.labels


def tail(config: Path) -> str:
    """The end of what the processes have logged."""
    return config.with_suffix(".log").read_text()[-4000:]
