"""Clients that show a key, against a real server that wants one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from alaas import AsyncClient, Client, Server
from alaas.access import Token
from alaas.config import Config
from alaas.errors import ServerError, UsageError

TEXTS = ["one", "two", "three"]


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    settings = {
        "server": {"port": 0, "keys": "required"},
        "store": "memory:",
        "strategy": "random",
        "cache": {"directory": str(tmp_path_factory.mktemp("cache"))},
    }
    with Server(Config.model_validate(settings)) as running:
        yield running


def test_a_client_with_a_key_does_everything(server):
    with Client(server.url, key=server.key) as client:
        assert len(client.select(texts=TEXTS, budget=1, strategy="random").selected) == 1
        job = client.submit(texts=TEXTS, budget=1, strategy="random")
        assert [seen.state for seen in client.events(job.id)][-1] == "succeeded"
        assert client.query_by_text(TEXTS, 1)


def test_the_async_client_shows_its_key_too(server):
    async def choose() -> int:
        async with AsyncClient(server.url, key=server.key) as client:
            return len((await client.select(texts=TEXTS, budget=2, strategy="random")).selected)

    assert asyncio.run(choose()) == 2


def test_the_environment_holds_a_key_for_those_who_give_none(server, monkeypatch):
    monkeypatch.setenv("ALAAS_KEY", server.key)
    with Client(server.url) as client:
        assert client.strategies().strategies
    with Client(server.url, key="") as client, pytest.raises(ServerError) as caught:
        client.strategies()
    assert (caught.value.status, caught.value.remote_code) == (401, "key-required")


def test_without_a_key_the_remedy_is_named(server):
    with Client(server.url) as client, pytest.raises(ServerError, match=r"key=.*ALAAS_KEY.*alaas key create"):
        client.jobs()
    with Client(server.url) as client:
        assert client.health().status == "ok"


@pytest.mark.parametrize("key", ["alaas_1_geheim\r\nX: y", "two words", "schlüssel", "\x00"])
def test_what_cannot_be_a_key_is_refused_without_repeating_it(key):
    with pytest.raises(UsageError) as caught:
        Client("http://127.0.0.1:1", key=key)
    assert key not in str(caught.value)


def test_the_environments_bad_key_is_named_by_its_variable(monkeypatch):
    monkeypatch.setenv("ALAAS_KEY", "two words")
    with pytest.raises(UsageError, match="environment variable ALAAS_KEY"):
        Client("http://127.0.0.1:1")


def test_a_key_is_in_no_repr(server):
    client, other = Client(server.url, key=server.key), AsyncClient(server.url, key=server.key)
    secret = Token.read(server.key).secret
    assert secret not in f"{client!r} {other!r} {client._http!r} {vars(client)!r} {client._http.headers!r}"
    client.close()
    asyncio.run(other.close())
