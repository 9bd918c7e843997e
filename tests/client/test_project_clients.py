"""Projects through both clients, against a real server."""

from __future__ import annotations

import asyncio
import inspect
import itertools
from collections.abc import Iterator

import pytest

from alaas import AsyncClient, Client, Defer, Server, Skip, Unsure
from alaas.client import AsyncRemoteProject, RemoteProject
from alaas.config import Config
from alaas.errors import ServerError, UsageError
from alaas.types import Item
from rows import definition, labels, rows
from scripted_server import answer, raw, reset, serving

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    settings = {
        "server": {"port": 0},
        "store": "memory:",
        "cache": {"directory": str(tmp_path_factory.mktemp("cache"))},
    }
    with Server(Config.model_validate(settings)) as running:
        yield running


@pytest.fixture
def client(server) -> Iterator[Client]:
    with Client(server.url) as connected:
        yield connected


@pytest.fixture
def project(client) -> RemoteProject:
    """A project of 30 rows for each test."""
    made = client.create_project(definition(f"mine-{next(_numbers)}"))
    found = client.project(made.name)
    found.add(items=rows())
    return found


def test_both_projects_have_the_same_verbs_with_the_same_arguments():
    def verbs(cls):
        return {name: inspect.signature(value) for name, value in vars(cls).items() if name[0] != "_"}

    blocking, awaited = verbs(RemoteProject), verbs(AsyncRemoteProject)
    assert set(blocking) == set(awaited)
    for name, signature in blocking.items():
        assert list(signature.parameters.values()) == list(awaited[name].parameters.values()), name


def test_the_loop(project):
    batch = project.ask(9)
    told = project.tell(batch.id, labels(batch.ids))
    assert (told.labels, told.refused) == (9, [])
    assert project.retrain().labels == 9
    assert project.status().behind == 0
    assert project.replay(batch.id).same
    assert project.batch(batch.id).items[0].state == "answered"
    assert [one.label for one in project.predict(rows(2))] == ["ash", "beech"]
    assert len(project.export("csv").splitlines()) == 31
    assert project.model()[:4]


def test_run_goes_on_until_the_budget_is_spent(client):
    project = client.project(client.create_project(definition(f"run-{next(_numbers)}", budget=12)).name)
    project.add(items=rows())
    seen = []
    status = project.run(lambda batch: labels(batch.ids), rounds=9, k=5, until=lambda now: seen.append(now))
    assert (status.labels, status.remaining) == (12, 0)
    assert [now.labels for now in seen] == [5, 10, 12]


def test_run_ends_when_it_is_told_to_and_gives_back_what_is_not_labelled(project):
    status = project.run(lambda batch: labels(batch.ids[:2]), k=5, until=lambda now: now.labels >= 4)
    assert (status.labels, status.held) == (4, 0)


def test_every_way_to_answer(project):
    one, two, three, four = project.ask(4).ids
    told = project.tell(
        None, {one: "ash", two: Skip(reason="blurred"), three: Unsure(), four: Defer(reason="later")}
    )
    assert [receipt.state for receipt in told.receipts] == ["labelled", "skipped", "partial", "pool"]
    assert [label.kind for label in project.labels()] == ["label", "skip", "unsure", "defer"]
    with pytest.raises(UsageError, match="expected a class, a list of classes"):
        project.tell(None, {one: 3})
    with pytest.raises(UsageError, match="no answers"):
        project.tell(None, {})


def test_items_keep_their_labels_costs_and_ids(client):
    project = client.project(client.create_project(definition(f"items-{next(_numbers)}")).name)
    project.add(items=[Item(id="known", row={"height": 1.0, "girth": 1.0}, label="ash", cost=3.0)])
    [item] = project.items().items
    assert (item.id, item.label, item.cost, item.state) == ("known", "ash", 3.0, "labelled")


def test_many_items_go_in_several_requests(client, monkeypatch):
    monkeypatch.setattr("alaas.client._pool._MOST_ITEMS", 7)
    project = client.project(client.create_project(definition(f"many-{next(_numbers)}")).name)
    assert project.add(items=iter(rows())).added == 30
    assert project.add(items=rows()).known == 30


def test_nothing_to_add_is_an_error_here(project):
    with pytest.raises(UsageError, match="nothing to add"):
        project.add()


def test_a_change_against_an_old_version_is_told_apart(client, project):
    assert project.change({"budget": 20}, version=1).version == 2
    with pytest.raises(ServerError) as caught:
        project.change({"budget": 30}, version=1)
    assert (caught.value.status, caught.value.remote_code) == (412, "version")
    with pytest.raises(UsageError, match="budget"):
        project.change({"budget": -1}, version=2)
    assert project.name in [one.name for one in client.projects()]
    project.delete(version=2)
    with pytest.raises(ServerError, match="there is no project"):
        project.show()


def test_nothing_left_has_a_code_to_branch_on(project):
    project.ask(30)
    with pytest.raises(ServerError) as caught:
        project.ask(1)
    assert caught.value.remote_code == "nothing-left"


def test_pages_are_put_together(project, monkeypatch):
    for _ in range(3):
        batch = project.ask(2)
        project.tell(batch.id, labels(batch.ids))
        project.retrain()
    whole = project.batches(), project.labels(), project.rounds()
    from alaas.client import _calls

    real = _calls.Call
    monkeypatch.setattr(
        _calls,
        "Call",
        lambda **said: real(
            **{**said, "params": {**said["params"], "limit": "1"}} if "params" in said else said
        ),
    )
    assert (project.batches(), project.labels(), project.rounds()) == whole


def test_the_async_client_does_the_same(server):
    async def loop() -> int:
        async with AsyncClient(server.url) as client:
            made = await client.create_project(definition(f"async-{next(_numbers)}"))
            project = client.project(made.name)
            await project.add(items=rows())
            status = await project.run(lambda batch: labels(batch.ids), rounds=2, k=4)
            return status.labels

    assert asyncio.run(loop()) == 8


TOLD = b'{"receipts": [], "labels": 1}'


def test_a_tell_is_repeated_after_a_broken_connection():
    with serving({"/v1/projects/p/labels": [reset, answer(TOLD)]}) as broken, Client(broken.url) as client:
        assert client.project("p").tell("b", {"a": "x"}).labels == 1
        assert len(broken.requests) == 2


def test_changing_and_deleting_are_not_repeated():
    routes = {"/v1/projects/p": [reset, answer()]}
    with serving(routes) as broken, Client(broken.url) as client:
        for verb in (
            lambda: client.project("p").change({}, version=1),
            lambda: client.project("p").delete(version=1),
        ):
            broken.requests.clear()
            broken.routes = {path: [reset, answer()] for path in routes}
            broken._counts.clear()
            with pytest.raises(ServerError) as caught:
                verb()
            assert caught.value.status == 0
            assert len(broken.requests) == 1


def test_json_that_breaks_off_is_no_answer():
    whole = b'{"projects": [], "next": null}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    with serving({"/v1/projects": [raw(head + whole[:9]), raw(head + whole)]}) as broken:
        with Client(broken.url) as client:
            assert client.projects() == []
        assert len(broken.requests) == 2


def test_names_are_quoted_in_addresses():
    with (
        serving({"/v1/projects/a%2Fb/status": answer(status="404 Not Found")}) as odd,
        Client(odd.url) as client,
    ):
        with pytest.raises(ServerError):
            client.project("a/b").status()
        assert odd.requests[0].startswith(b"GET /v1/projects/a%2Fb/status ")


def test_a_stream_is_offered_in_lots(project):
    items = [Item(id=f"s{n}", row={"height": n / 7, "girth": n % 5}) for n in range(40)]
    offered = project.offer(items[:20])
    assert [one.id for one in offered.decisions] == [item.id for item in items[:20]]
    later = project.offer(items[20:])
    assert (offered.arrived, later.arrived) == (20, 40)
    assert later.taken == sum(one.taken for one in [*offered.decisions, *later.decisions]) > 0
    account = project.offer([])
    assert (account.decisions, account.arrived, account.taken) == ([], 40, later.taken)
    with pytest.raises(UsageError, match="nothing to add"):
        project.offer()


def test_a_stream_is_offered_and_awaited(server):
    async def offer() -> int:
        async with AsyncClient(server.url) as client:
            made = await client.create_project(definition(f"mine-{next(_numbers)}"))
            found = client.project(made.name)
            await found.add(items=rows())
            return (await found.offer(items=[{"id": "x", "row": {"height": 1.0, "girth": 2.5}}])).arrived

    assert asyncio.run(offer()) == 1
