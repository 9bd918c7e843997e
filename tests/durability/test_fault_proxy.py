"""Clients behind a network that fails: what they were told is so, once, and they go on."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fault_proxy import FAULTS, LOST_AFTER, Plan, faulty

from alaas import AsyncClient, Client
from alaas.client import AsyncRemoteProject, RemoteProject
from alaas.config import Config
from alaas.errors import AlaasError, ServerError
from alaas.server import Server
from alaas.stores import Store, open_store

CLIENTS, ASYNC_CLIENTS, ROUNDS, ITEMS = 4, 2, 5, 24
CLASSES = ("ash", "beech")
SHARED = "trees"


@dataclass
class Diary:
    """What one client tried, and what it was told. ``asked`` holds the annotator of every ask."""

    made: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    handed: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    failures: list[AlaasError] = field(default_factory=list)


@pytest.fixture
def url_of_store(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/alaas.db"


@pytest.fixture
def server(tmp_path: Path, url_of_store: str) -> Iterator[Server]:
    limits = {"requests_per_second": 100_000, "request_burst": 100_000, "max_jobs": 500}
    said = {"server": {"port": 0}, "store": url_of_store, "limits": limits}
    with Server(
        Config.model_validate({**said, "cache": {"directory": str(tmp_path / "features")}})
    ) as server:
        yield server


def definition(name: str) -> dict:
    return {
        "name": name,
        "modality": "table",
        "model": "passthrough",
        "strategy": "margin",
        "task": {"classes": [*CLASSES]},
        "labelling": {"lease": 86400.0},
    }


def rows(name: str) -> list[dict]:
    """Each unlike all others: equal ones would be left out as duplicates."""
    own = int(name.rpartition("-")[2])
    return [{"id": f"{name}-{n}", "row": {"height": n, "girth": n % 2, "own": own}} for n in range(ITEMS)]


def label_of(item: str) -> str:
    return CLASSES[int(item.rpartition("-")[2]) % 2]


def work(client: Client, name: str, diary: Diary) -> None:
    """Make a project, add items to the common one, ask and tell; whatever fails is noted and left."""

    def attempt(verb, *arguments, **named):
        try:
            return verb(*arguments, **named)
        except AlaasError as error:
            diary.failures.append(error)
            return None

    project: RemoteProject = client.project(SHARED)
    if attempt(client.create_project, definition(name)) is not None:
        diary.made.append(name)
    if attempt(project.add, items=rows(name)) is not None:
        diary.added += [row["id"] for row in rows(name)]
    for turn in range(ROUNDS):
        annotator = f"{name}.{turn}"
        diary.asked.append(annotator)
        batch = attempt(project.ask, 3, annotator=annotator)
        if batch is None:
            continue
        diary.handed[batch.id] = (annotator, batch.ids)
        told = attempt(
            project.tell, batch.id, {item: label_of(item) for item in batch.ids}, annotator=annotator
        )
        if told is not None:
            assert not told.refused
            diary.told += [(receipt.item, annotator) for receipt in told.receipts]


async def work_async(client: AsyncClient, name: str, diary: Diary) -> None:
    """The same, awaited."""

    async def attempt(awaited):
        try:
            return await awaited
        except AlaasError as error:
            diary.failures.append(error)
            return None

    project: AsyncRemoteProject = client.project(SHARED)
    if await attempt(client.create_project(definition(name))) is not None:
        diary.made.append(name)
    if await attempt(project.add(items=rows(name))) is not None:
        diary.added += [row["id"] for row in rows(name)]
    for turn in range(ROUNDS):
        annotator = f"{name}.{turn}"
        diary.asked.append(annotator)
        batch = await attempt(project.ask(3, annotator=annotator))
        if batch is None:
            continue
        diary.handed[batch.id] = (annotator, batch.ids)
        answers = {item: label_of(item) for item in batch.ids}
        told = await attempt(project.tell(batch.id, answers, annotator=annotator))
        if told is not None:
            assert not told.refused
            diary.told += [(receipt.item, annotator) for receipt in told.receipts]


def all_work(url: str) -> list[Diary]:
    """Every client at once; gives their diaries."""
    diaries = [Diary() for _ in range(CLIENTS + ASYNC_CLIENTS)]
    broken: list[BaseException] = []

    def blocking(place: int) -> None:
        try:
            with Client(url, timeout=30) as client:
                work(client, f"client-{place}", diaries[place])
        except BaseException as error:  # noqa: BLE001  (told by the test's own thread)
            broken.append(error)

    async def awaiting() -> None:
        async def one(place: int) -> None:
            async with AsyncClient(url, timeout=30) as client:
                await work_async(client, f"client-{place}", diaries[place])

        await asyncio.gather(*(one(place) for place in range(CLIENTS, CLIENTS + ASYNC_CLIENTS)))

    threads = [threading.Thread(target=blocking, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    asyncio.run(awaiting())
    for thread in threads:
        thread.join()
    assert not broken, broken
    return diaries


def settle(server: Server) -> None:
    """Wait until every job has ended."""
    with Client(server.url) as client:
        for job in client.jobs(limit=1000):
            client.wait(job.id, timeout=60)


def check(store: Store, diaries: list[Diary]) -> None:
    """The store agrees with what the clients were told, and has nothing twice."""
    names = [row.name for row in store.projects()]
    assert len(names) == len(set(names))
    assert {name for diary in diaries for name in diary.made} <= set(names)
    made = Counter(line.subject for line in store.log(limit=100_000) if line.verb == "project.create")
    assert set(made.values()) == {1}

    items = Counter(row.id for row in store.items(SHARED, limit=10_000))
    assert set(items.values()) == {1}
    assert {item for diary in diaries for item in diary.added} <= set(items)
    assert store.counts(SHARED).items == len(items)

    batches = store.batches(SHARED, limit=10_000)
    by_annotator = Counter(batch.annotator for batch in batches)
    assert set(by_annotator.values()) == {1}, "an ask that was repeated handed out two batches"
    assert set(by_annotator) <= {annotator for diary in diaries for annotator in diary.asked}
    picked = Counter(pick.item for batch in batches for pick in batch.picks)
    assert set(picked.values()) == {1}, "an item was handed out twice"
    known = {batch.id: (batch.annotator, [pick.item for pick in batch.picks]) for batch in batches}
    assert all(known[batch] == handed for diary in diaries for batch, handed in diary.handed.items())

    history = Counter((row.item, row.annotator) for row in store.answers(SHARED, limit=10_000))
    assert set(history.values()) == {1}, "a label is there twice"
    assert {label for diary in diaries for label in diary.told} <= set(history)
    assert all(row.value == label_of(row.item) for row in store.answers(SHARED, limit=10_000))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_what_clients_were_told_is_there_once_and_they_go_on(
    server: Server, url_of_store: str, seed: int
) -> None:
    with Client(server.url) as client:
        client.create_project(definition(SHARED))
    plan = Plan(seed, rate=0.3)
    with faulty(server.url, plan) as url:
        diaries = all_work(url)
    settle(server)
    server.stop()
    with open_store(url_of_store) as store:
        check(store, diaries)
    assert set(plan.happened) == {"passed", *FAULTS}
    assert plan.repeated >= 3
    failures = Counter(str(error) for diary in diaries for error in diary.failures)
    assert {error.status for diary in diaries for error in diary.failures} <= {0, 502, 503}, failures
    asked = sum(len(diary.asked) for diary in diaries)
    assert sum(len(diary.handed) for diary in diaries) > 0.6 * asked, failures


@pytest.mark.parametrize("fault", LOST_AFTER)
def test_a_project_whose_making_was_not_heard_of_is_made_once(server: Server, fault: str) -> None:
    """The first answer is lost, the repetition finds the project; another's attempt is still refused."""
    plan = Plan(0, rate=1.0, faults=(fault,), delay=0.0)
    with faulty(server.url, plan) as url, Client(url) as client:
        calm = threading.Timer(0.15, plan.calm)
        calm.start()
        made = client.create_project(definition("flowers"))
        calm.join()
        assert made.version == 1
        assert plan.repeated >= 1
        with pytest.raises(ServerError, match="already") as refused:
            client.create_project(definition("flowers"))
        assert refused.value.status == 409
