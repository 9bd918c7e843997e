"""Labels that come in together are kept together, and each of their senders hears of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from alaas.config import Config
from alaas.errors import BatchNotFoundError, ProjectNotFoundError, StoreError
from alaas.projects import Telling
from alaas.server.services import Services, open_services
from alaas.types import Item
from rows import definition, label, rows


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """A server without workers, and a project in it."""
    settings = {"server": {"jobs": 0}, "store": "memory:", "cache": {"directory": str(tmp_path)}}
    opened = open_services(Config.model_validate(settings))
    trees = opened.projects.create(definition("trees"), actor="me")
    trees.add([Item(id=row["id"], row=row["row"]) for row in rows()])
    yield opened
    opened.close()


def telling(item: str, annotator: str = "ann", batch: str | None = None) -> Telling:
    return Telling(batch_id=batch, answers={item: label(item)}, annotator=annotator)


def test_fifty_who_tell_at_once_are_kept_in_few_transactions(services, monkeypatch):
    store, calls = services.store, []
    keep = store.tell_all
    entered = threading.Event()

    def counted(project, tellings, *, rule):
        calls.append(len(tellings))
        entered.wait(0.1)  # the first is under way while the others come
        return keep(project, tellings, rule=rule)

    monkeypatch.setattr(store, "tell_all", counted)

    async def all_at_once():
        return await asyncio.gather(
            *(services.tellings.tell("trees", telling(f"t{n % 30}", f"person-{n}")) for n in range(50))
        )

    told = asyncio.run(all_at_once())
    assert [one.receipts[0].item for one, _ in told] == [f"t{n % 30}" for n in range(50)]
    assert {one.kept for one, _ in told} == {1}
    assert len(store.answers("trees")) == 50
    assert sum(calls) == 50
    assert len(calls) <= 2
    assert len({job for _, job in told}) == 1  # one retraining follows all


def test_one_that_is_refused_takes_none_with_it(services):
    async def three():
        return await asyncio.gather(
            services.tellings.tell("trees", telling("t1")),
            services.tellings.tell("trees", telling("t2", batch="no-such-batch")),
            services.tellings.tell("trees", telling("t3")),
            services.tellings.tell("nowhere", telling("t4")),
            return_exceptions=True,
        )

    first, second, third, fourth = asyncio.run(three())
    assert first[0].kept == third[0].kept == 1
    assert isinstance(second, BatchNotFoundError)
    assert isinstance(fourth, ProjectNotFoundError)


def test_a_store_that_is_away_is_said_to_all_and_the_next_are_kept(services, monkeypatch):
    def away(*_given: object, **_more: object) -> None:
        raise StoreError("the store is away")

    async def some():
        return await asyncio.gather(
            *(services.tellings.tell("trees", telling(f"t{n}")) for n in range(3)), return_exceptions=True
        )

    with monkeypatch.context() as broken:
        broken.setattr(services.store, "tell_all", away)
        assert [type(one) for one in asyncio.run(some())] == [StoreError] * 3
    assert [one[0].kept for one in asyncio.run(some())] == [1, 1, 1]


def test_who_hangs_up_stops_nobody_elses(services):
    async def leaving():
        first = asyncio.ensure_future(services.tellings.tell("trees", telling("t1")))
        second = asyncio.ensure_future(services.tellings.tell("trees", telling("t2")))
        await asyncio.sleep(0)
        second.cancel()
        third = await services.tellings.tell("trees", telling("t3"))
        return await first, third

    first, third = asyncio.run(leaving())
    assert first[0].kept == third[0].kept == 1
