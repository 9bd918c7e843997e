"""Making, checking and ending keys."""

from __future__ import annotations

import threading

import pytest

from alaas.access import Caller, Keyring, Token
from alaas.errors import ConflictError, KeyNotFoundError, KeyRequiredError, StoreError, UsageError


@pytest.fixture
def keyring(table, clock) -> Keyring:
    return Keyring(table, remember=3.0, clock=clock)


def test_a_key_tells_who_calls(keyring):
    row, token = keyring.create("anna", "annotator", ["b", "a", "b"], actor="me")
    assert (row.name, row.role, row.projects, row.id) == ("anna", "annotator", ("a", "b"), token.id)
    wanted = Caller(name="anna", role="annotator", projects=frozenset({"a", "b"}), key=token.id)
    assert keyring.check(token) == wanted


def test_nothing_of_the_secret_is_kept(keyring, table):
    row, token = keyring.create("anna", "reader", actor="me")
    assert token.secret.encode() not in row.digest
    assert token.secret not in repr(table.rows())
    assert repr(row.digest) not in repr(row)


def test_what_is_wrong_with_a_key_is_not_told(keyring):
    _, token = keyring.create("anna", "reader", actor="me")
    _, ended = keyring.create("ben", "reader", actor="me")
    keyring.revoke("ben", actor="me")
    wrong = [Token.new(), Token(id=token.id, secret=Token.new().secret), ended]
    messages = set()
    for each in wrong:
        with pytest.raises(KeyRequiredError) as caught:
            keyring.check(each)
        assert keyring.known(each) is None
        messages.add(caught.value.message)
    assert len(messages) == 1
    assert token.secret not in messages.pop()


def test_a_look_up_is_good_for_moments(keyring, table, clock):
    _, token = keyring.create("anna", "reader", actor="me")
    assert keyring.known(token) is None
    caller = keyring.check(token)
    for _ in range(5):
        assert keyring.known(token) == keyring.check(token) == caller
    assert table.gets == 1
    assert keyring.known(Token(id=token.id, secret="x")) is None
    clock.seconds += 3.1
    assert keyring.known(token) is None
    keyring.check(token)
    assert table.gets == 2


def test_a_revoked_key_ends_at_once_here_and_soon_elsewhere(keyring, table, clock):
    elsewhere = Keyring(table, remember=3.0, clock=clock)
    _, token = keyring.create("anna", "reader", actor="me")
    keyring.check(token)
    elsewhere.check(token)
    keyring.revoke("anna", actor="me")
    assert keyring.known(token) is None
    with pytest.raises(KeyRequiredError):
        keyring.check(token)
    clock.seconds += 3.1
    with pytest.raises(KeyRequiredError):
        elsewhere.check(token)


def test_use_is_written_down_at_most_once_a_minute(keyring, table, clock):
    _, token = keyring.create("anna", "reader", actor="me")
    for _ in range(100):
        keyring.check(token)
        clock.seconds += 1.0
    assert table.touches == 2
    with pytest.raises(KeyRequiredError):
        keyring.check(Token(id=token.id, secret="x"))
    assert table.touches == 2


def test_a_store_that_cannot_write_does_not_keep_a_good_key_out(keyring, table, monkeypatch):
    _, token = keyring.create("anna", "reader", actor="me")

    def full(key_id):
        raise StoreError("the disk is full")

    monkeypatch.setattr(table, "touch", full)
    assert keyring.check(token).name == "anna"


def test_a_store_that_is_away_lets_nobody_in(keyring, table, monkeypatch):
    _, token = keyring.create("anna", "reader", actor="me")

    def away(key_id):
        raise StoreError("the database is away")

    monkeypatch.setattr(table, "get", away)
    with pytest.raises(StoreError):
        keyring.check(token)


def test_guessed_ids_take_no_memory_without_end(keyring, table):
    for number in range(5000):
        with pytest.raises(KeyRequiredError):
            keyring.check(Token(id=f"{number:012x}", secret="x"))
    assert len(keyring._seen) <= 4096


def test_of_many_requests_at_one_moment_one_asks_the_store(keyring, table):
    _, token = keyring.create("anna", "reader", actor="me")
    barrier = threading.Barrier(16)

    def check():
        barrier.wait()
        keyring.check(token)

    threads = [threading.Thread(target=check) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert table.gets == 1


def test_the_first_key_is_made_once(keyring, table, clock):
    token = keyring.first()
    assert keyring.check(token) == Caller(name="admin", role="admin", key=token.id)
    assert keyring.first() is None
    assert Keyring(table, clock=clock).first() is None
    keyring.revoke("admin", actor="me")
    assert Keyring(table, clock=clock).first() is None


def test_of_two_servers_that_start_at_once_one_makes_the_first_key(table, clock, monkeypatch):
    late = Keyring(table, clock=clock)
    assert late.ever() is False
    Keyring(table, clock=clock).first()
    assert late.first() is None
    assert len(table.rows()) == 1


def test_that_there_was_a_key_is_asked_rarely_and_then_never_again(keyring, table, clock):
    assert keyring.ever_known() is None
    assert keyring.ever() is False
    assert keyring.ever_known() is False
    Keyring(table, clock=clock).create("anna", "reader", actor="me")
    clock.seconds += 3.1
    assert keyring.ever_known() is None
    assert keyring.ever() is True
    clock.seconds += 1e6
    assert keyring.ever_known() is True
    assert table.evers == 2


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "a\x00", "x" * 101])
def test_a_name_that_cannot_be_one_is_refused(keyring, name):
    with pytest.raises(UsageError, match="1 to 100 letters"):
        keyring.create(name, "reader", actor="me")


@pytest.mark.parametrize("projects", [[], [""], ["a", ""]])
def test_a_key_for_no_project_is_refused(keyring, projects):
    with pytest.raises(UsageError, match="project"):
        keyring.create("anna", "reader", projects, actor="me")


def test_a_name_is_the_same_however_its_letters_are_composed(keyring):
    keyring.create("A\u0308nne", "reader", actor="me")
    with pytest.raises(ConflictError):
        keyring.create(" \u00c4nne ", "reader", actor="me")
    keyring.revoke("A\u0308nne", actor="me")
    with pytest.raises(KeyNotFoundError, match="alaas key list"):
        keyring.revoke("\u00c4nne", actor="me")
