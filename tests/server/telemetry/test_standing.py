"""What is true of the whole store, as Prometheus sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alaas.errors import StoreError
from alaas.server.telemetry.measures import Measures
from alaas.server.telemetry.standing import MOST_PROJECTS, Standing
from alaas.server.telemetry.store import measured
from alaas.stores import NewItem, NewJob, Rule, Store
from alaas.stores.memory import Memory
from alaas.types import Item

PAGE = Path(__file__).parents[3] / "docs" / "operating.md"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def measures() -> Measures:
    return Measures()


@pytest.fixture
def store(measures) -> Store:
    return measured(Memory(), measures)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def standing(store, measures, clock) -> Standing:
    made = Standing(store, lambda: True, clock=clock)
    measures.registry.register(made)
    return made


def test_jobs_and_projects_are_counted(store, measures):
    store.create_project("flowers", "{}", actor="ann")
    items = [NewItem(item=Item(id=name, text=name)) for name in "abc"]
    store.add_items("flowers", items, actor="ann")
    for name in "xyz":
        new = NewJob(id=name, kind="ask", request="{}")
        store.jobs.add(new, digest=name, most=None)
    store.jobs.claim("me", ["ask"])
    value = measures.registry.get_sample_value
    assert value("alaas_projects") == 1
    assert value("alaas_project_items", {"project": "flowers", "state": "new"}) == 3
    assert value("alaas_project_items_held", {"project": "flowers"}) == 0
    assert value("alaas_jobs_waiting") == 2
    assert value("alaas_jobs_running", {"kind": "ask"}) == 1


def test_the_number_of_series_is_bounded(store, measures):
    for number in range(MOST_PROJECTS + 5):
        store.create_project(f"project-{number:03}", "{}", actor="ann")
    families = {family.name: family for family in measures.registry.collect()}
    assert len(families["alaas_project_batches"].samples) == MOST_PROJECTS


def test_a_store_that_is_away_takes_its_numbers_with_it_and_breaks_nothing(
    store, measures, clock, monkeypatch
):
    def away(*_arguments, **_named):
        raise StoreError("away")

    value = measures.registry.get_sample_value
    assert value("alaas_projects") == 0
    monkeypatch.setattr(store, "projects", away)
    assert value("alaas_projects") == 0  # a look is good for a while
    clock.now += 10
    assert value("alaas_projects") is None
    assert value("alaas_ready") == 1


def test_calls_of_the_store_are_timed_and_failures_counted(store, measures, monkeypatch):
    store.create_project("flowers", "{}", actor="ann")
    store.tell("flowers", [], rule=Rule())
    value = measures.registry.get_sample_value
    assert value("alaas_store_call_duration_seconds_count", {"call": "tell"}) == 1
    assert value("alaas_store_failures_total", {"call": "tell"}) == 0


def test_a_failing_call_is_counted_and_raised(measures, monkeypatch):
    def away(self, *_arguments, **_named):
        raise StoreError("away")

    monkeypatch.setattr(Memory, "counts", away)
    store = measured(Memory(), measures)
    with pytest.raises(StoreError, match="away"):
        store.counts("flowers")
    value = measures.registry.get_sample_value
    assert value("alaas_store_failures_total", {"call": "counts"}) == 1
    assert value("alaas_store_call_duration_seconds_count", {"call": "counts"}) == 1


def test_a_measured_store_is_a_store(store):
    assert isinstance(store, Store)
    assert store.shared is False
    assert store.now() > 0
    with store as same:
        assert same is store


def test_two_servers_do_not_mix():
    one, other = Measures(), Measures()
    one.deliveries.labels("delivered").inc()
    name, labels = "alaas_webhook_deliveries_total", {"outcome": "delivered"}
    assert one.registry.get_sample_value(name, labels) == 1
    assert other.registry.get_sample_value(name, labels) is None


def test_every_metric_is_documented_and_every_documented_one_is_there(measures):
    there = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in measures.registry.collect()
        if family.name.startswith("alaas_")
    }
    documented = set(re.findall(r"^\| `(alaas_\w+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    assert documented == there
