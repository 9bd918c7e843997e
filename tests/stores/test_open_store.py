"""Stores by their URL: each scheme its own, and no password in any message."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from alaas.errors import ConfigError
from alaas.stores import open_store, registry
from alaas.stores.memory import Memory


class Elsewhere(Memory):
    """What a plug-in would bring."""

    @classmethod
    def from_url(cls, url: str) -> Elsewhere:
        store = cls()
        store.create_project(url.partition("//")[2], "{}", actor="test")
        return store


@pytest.fixture
def plugin(monkeypatch):
    point = EntryPoint("elsewhere", f"{__name__}:Elsewhere", "alaas.stores")
    monkeypatch.setattr(EntryPoint, "load", lambda _: Elsewhere)
    monkeypatch.setitem(registry.__dict__, "_plugins", {"elsewhere": point})


@pytest.mark.parametrize("url", ["memory:", "memory://"])
def test_memory_is_opened_by_its_scheme_alone(url):
    with open_store(url) as store:
        assert isinstance(store, Memory)
        assert not store.shared
        store.check()


def test_every_opening_of_memory_is_a_store_of_its_own():
    open_store("memory:").create_project("flowers", "{}", actor="me")
    assert open_store("memory:").projects() == []


def test_a_plug_in_is_found_by_its_scheme(plugin):
    store = open_store("elsewhere://flowers")
    assert isinstance(store, Elsewhere)
    assert store.project("flowers").version == 1


def test_an_unknown_scheme_is_answered_with_those_that_there_are(plugin):
    with pytest.raises(ConfigError, match=r"'mysql'.*sqlite:///PATH.*postgresql://.*memory:.*elsewhere"):
        open_store("mysql://host/db")


@pytest.mark.parametrize("url", ["sql://host/db", "_open://x"])
def test_the_name_of_a_module_is_no_scheme(url):
    with pytest.raises(ConfigError, match="sqlite:///PATH"):
        open_store(url)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hunter2@host/db",
        "memory://me:hunter2@host",
        "//me:hunter2@host/db",
        "hunter2",
        "",
        "postgres://me:hunter2@host/db",
    ],
)
def test_no_message_repeats_a_password(url):
    with pytest.raises(ConfigError) as caught:
        open_store(url)
    assert "hunter2" not in str(caught.value)
    assert "memory:" in str(caught.value)
