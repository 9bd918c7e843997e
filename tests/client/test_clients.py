"""Both clients against a real server."""

from __future__ import annotations

import asyncio
import inspect
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from alaas import AsyncClient, Client, Server
from alaas.config import Config
from alaas.errors import CancelledError, ServerError

ROWS = [{"id": f"r{n}", "row": {"x": float(n)}} for n in range(20)]


@pytest.fixture(scope="module")
def silent() -> Iterator[socket.socket]:
    """A host that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture(scope="module")
def server(tmp_path_factory, silent) -> Iterator[Server]:
    port = silent.getsockname()[1]
    settings = {
        "server": {"port": 0},
        "store": "memory:",
        "strategy": "random",
        "cache": {"directory": str(tmp_path_factory.mktemp("cache"))},
        "egress": {"allow": [f"127.0.0.1:{port}"]},
    }
    with Server(Config.model_validate(settings)) as running:
        yield running


@pytest.fixture
def client(server) -> Iterator[Client]:
    with Client(server.url) as connected:
        yield connected


@pytest.fixture
def endless(silent) -> list[str]:
    """Addresses whose download does not end."""
    return [f"http://127.0.0.1:{silent.getsockname()[1]}/{n}.png" for n in range(2)]


def public_verbs(cls) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(value)
        for name, value in vars(cls).items()
        if not name.startswith("_") and callable(value)
    }


def test_both_clients_have_the_same_verbs_with_the_same_arguments():
    blocking, awaited = public_verbs(Client), public_verbs(AsyncClient)
    assert set(blocking) == set(awaited)
    for name, signature in blocking.items():
        assert list(signature.parameters.values()) == list(awaited[name].parameters.values()), name


def test_select_and_its_progress(client):
    states: list[str] = []
    answer = client.select(items=ROWS, budget=3, seed=1, on_progress=lambda job: states.append(job.state))
    assert len(answer.selected) == 3
    assert set(answer.ids) < {row["id"] for row in ROWS}
    assert answer.stats.items == 20
    assert states[-1] == "succeeded"
    assert client.select(items=ROWS, budget=3, seed=1).ids == answer.ids


def test_uploaded_images_are_called_by_their_paths(client, tmp_path):
    paths = [tmp_path / f"{n}.png" for n in range(3)]
    for n, path in enumerate(paths):
        Image.new("RGB", (8, 8), (40 * n, 0, 0)).save(path)
    assert set(client.select(images=paths, budget=2).ids) < {str(path) for path in paths}
    contents = [path.read_bytes() for path in paths]
    assert set(client.select(images=contents, budget=2).ids) < {"0", "1", "2"}
    assert len(client.query_by_images(path_list=[str(path) for path in paths], budget=2)) == 2


def test_submit_wait_result(client):
    job = client.submit(items=ROWS, budget=2)
    assert client.wait(job.id).state == "succeeded"
    assert len(client.result(job.id).selected) == 2
    assert client.job(job.id).finished
    assert client.jobs(limit=1)[0].id == job.id


def test_events_and_cancel(client, endless):
    job = client.submit(uris=endless, budget=1)
    states = []
    for current in client.events(job.id):
        states.append(current.state)
        if current.state == "running":
            client.cancel(job.id)
    assert states[0] == "queued"
    assert states[-1] == "cancelled"
    with pytest.raises(CancelledError):
        client.result(job.id)


def test_following_an_unknown_job_is_an_error(client):
    with pytest.raises(ServerError, match="no job 'none'"):
        list(client.events("none"))


def test_a_time_limit_cancels_the_job(client, endless):
    with pytest.raises(ServerError, match="has not ended within"):
        client.select(uris=endless, budget=1, timeout=0.3)
    assert client.wait(client.jobs(limit=1)[0].id, timeout=5).state == "cancelled"


def test_what_there_is(client):
    assert client.health().status == "ok"
    assert "random" in [strategy.name for strategy in client.strategies().strategies]
    assert "efficientnet-lite0" in [model.name for model in client.models().models]


def test_the_servers_sentence_is_raised(client):
    with pytest.raises(ServerError, match="did you mean 'margin'") as caught:
        client.select(items=ROWS, budget=1, strategy="margn")
    assert (caught.value.status, caught.value.remote_code) == (422, "unknown-name")


def test_nobody_there_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Client(f"http://127.0.0.1:{port}") as client,
        pytest.raises(ServerError, match="alaas serve") as caught,
    ):
        client.health()
    assert caught.value.status == 0


def test_a_server_that_comes_a_little_late_is_waited_for(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings = {"server": {"port": port}, "store": "memory:", "cache": {"directory": str(tmp_path)}}
    server = Server(Config.model_validate(settings))
    opening = threading.Timer(0.3, server.open)
    opening.start()
    try:
        with Client(f"http://127.0.0.1:{port}") as client:
            assert client.health().status == "ok"
    finally:
        opening.join()
        server.stop()


def test_a_server_that_says_nothing_is_not_waited_for_twice(silent):
    began = time.monotonic()
    with (
        Client(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3) as client,
        pytest.raises(ServerError, match="did not answer in time"),
    ):
        client.health()
    assert time.monotonic() - began < 1.0


def test_the_async_client(server, endless):
    async def use() -> None:
        async with AsyncClient(server.url) as client:
            answers = await asyncio.gather(*(client.select(items=ROWS, budget=2, seed=n) for n in range(4)))
            assert [len(answer.selected) for answer in answers] == [2] * 4
            job = await client.submit(uris=endless, budget=1)
            states = []
            async for current in client.events(job.id):
                states.append(current.state)
                if current.state == "running":
                    await client.cancel(job.id)
            assert states[-1] == "cancelled"
            with pytest.raises(ServerError, match="did you mean"):
                await client.select(items=ROWS, budget=1, strategy="margn")

    asyncio.run(use())


def test_a_cancelled_task_cancels_its_job(server, endless):
    async def use() -> str:
        async with AsyncClient(server.url) as client:
            task = asyncio.create_task(client.select(uris=endless, budget=1))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            [latest] = await client.jobs(limit=1)
            return (await client.wait(latest.id, timeout=5)).state

    assert asyncio.run(use()) == "cancelled"
