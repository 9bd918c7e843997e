"""``alaas key``: making, listing and revoking keys of a store."""

from __future__ import annotations

import json
import re

import pytest

from alaas.access import Keyring, Token
from alaas.stores import open_store


@pytest.fixture
def url(tmp_path, monkeypatch) -> str:
    address = f"sqlite:///{tmp_path / 'keys.db'}"
    monkeypatch.setenv("ALAAS_STORE_URL", address)
    return address


def test_a_key_is_printed_once_and_opens_what_it_says(run, url):
    made = run("key", "create", "anna", "--role", "reader", "--project", "b", "--project", "a")
    assert made.code == 0
    key = made.out.strip()
    assert "shown only now" in made.err
    assert key not in made.err
    with open_store(url) as store:
        caller = Keyring(store.keys).check(Token.read(key))
    assert (caller.name, caller.role, caller.projects) == ("anna", "reader", {"a", "b"})
    listed = run("key", "list")
    assert re.search(rf"anna +reader +a, b +{caller.key} ", listed.out)
    assert key not in listed.out
    assert Token.read(key).secret not in listed.out


def test_a_key_is_for_an_annotator_of_all_projects_unless_said(run, url):
    made = json.loads(run("key", "create", "anna", "--json").out)
    assert (made["role"], made["projects"], made["revoked"]) == ("annotator", None, None)
    assert Token.read(made["key"]).id == made["id"]
    assert "all projects" in run("key").out


def test_a_revoked_key_stays_in_the_list_and_its_name_is_free(run, url):
    run("key", "create", "anna")
    assert run("key", "revoke", "anna").out == "anna is revoked\n"
    rows = json.loads(run("key", "list", "--json").out)
    assert len(rows) == 1
    assert rows[0]["revoked"].endswith("+00:00")
    assert run("key", "create", "anna").code == 0


def test_what_cannot_be_done_is_one_sentence(run, url, monkeypatch):
    run("key", "create", "anna")
    taken = run("key", "create", "anna")
    assert (taken.code, taken.out) == (1, "")
    assert "alaas key revoke" in taken.sentence
    missing = run("key", "revoke", "ben")
    assert missing.code == 1
    assert "alaas key list" in missing.sentence
    assert run("key", "create", " ").code == 2
    assert run("key", "create", "x", "--role", "boss").code == 2
    monkeypatch.setenv("ALAAS_STORE_URL", "memory:")
    lost = run("key", "create", "x")
    assert lost.code == 2
    assert "store in memory" in lost.sentence


def test_the_store_may_be_named_as_everywhere(run, tmp_path):
    (tmp_path / "alaas.yaml").write_text("name: flowers\n")
    setting = f"store.url=sqlite:///{tmp_path / 'other.db'}"
    assert run("key", "create", "anna", "--config", "alaas.yaml", "--set", setting).code == 0
    assert "anna" in run("key", "list", "--set", setting).out
    assert (tmp_path / "other.db").stat().st_mode & 0o077 == 0


def test_who_did_it_is_in_the_log(run, url):
    run("key", "create", "anna")
    run("key", "revoke", "anna")
    with open_store(url) as store:
        lines = [(line.actor, line.verb, line.subject) for line in store.log()]
    assert lines == [("me", "key.create", "anna"), ("me", "key.revoke", "anna")]
