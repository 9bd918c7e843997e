"""Calls that share a commit: in order of arrival, all or nothing each, and none harmed by another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from alaas.errors import StoreError
from alaas.stores.sql import _groups
from alaas.stores.sql._connect import connect
from alaas.stores.sql._database import Database
from alaas.stores.sql._turns import Turns


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.external)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/store.db"
    opened = connect(request.getfixturevalue("postgresql_url") if request.param == "postgresql" else url)
    with opened.write("test") as connection:
        connection.execute(text("CREATE TEMPORARY TABLE unused (number integer)"))
    yield opened
    opened.close()


def put(database: Database, name: str, *, fails: bool = False, pause: float = 0.0) -> None:
    with database.write("test", project="p") as connection:
        line = {"at": 0.0, "actor": name, "verb": "", "subject": "", "detail": ""}
        names = "at, actor, verb, subject, detail"
        values = ":at, :actor, :verb, :subject, :detail"
        connection.execute(text(f"INSERT INTO log ({names}) VALUES ({values})"), line)
        time.sleep(pause)
        if fails:
            raise ValueError(name)


def kept(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.scalars(text("SELECT actor FROM log")))


def run(database: Database, **calls: bool) -> dict[str, BaseException | None]:
    """Make calls by name at the same time, the first of them slow so that the others wait; True: it fails."""
    ended: dict[str, BaseException | None] = {}

    def call(name: str, fails: bool, pause: float) -> None:
        try:
            put(database, name, fails=fails, pause=pause)
        except ValueError as error:
            ended[name] = error
        else:
            ended[name] = None

    threads = []
    for place, (name, fails) in enumerate(calls.items()):
        threads.append(threading.Thread(target=call, args=(name, fails, 0.0 if place else 0.04)))
        threads[-1].start()
        time.sleep(0.01)
    for thread in threads:
        thread.join()
    return ended


@pytest.mark.parametrize("failing", [set(), {"a"}, {"b"}, {"c"}, {"a", "b"}, {"a", "b", "c"}])
def test_a_call_that_fails_undoes_itself_and_no_other(database: Database, failing: set[str]) -> None:
    ended = run(database, a="a" in failing, b="b" in failing, c="c" in failing)
    assert {name for name, error in ended.items() if error is not None} == failing
    assert kept(database) == {"a", "b", "c"} - failing


def test_a_call_that_has_returned_is_seen_by_everybody(database: Database) -> None:
    def work(name: str) -> None:
        for turn in range(5):
            put(database, f"{name}{turn}")
            assert f"{name}{turn}" in kept(database)

    failures: list[BaseException] = []
    before, threading.excepthook = threading.excepthook, lambda hook: failures.append(hook.exc_value)
    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    threading.excepthook = before
    assert failures == []
    assert len(kept(database)) == 40


def test_when_the_commit_fails_every_call_of_the_group_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = connect(f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setattr(
        "sqlalchemy.engine.default.DefaultDialect.do_commit",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    errors = []

    def call() -> None:
        try:
            put(database, "a", pause=0.02)
        except StoreError as error:
            errors.append(str(error))

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    monkeypatch.undo()
    assert len(errors) == 3
    assert all("the disk is full; make room" in error for error in errors)
    assert kept(database) == set()
    put(database, "b")
    assert kept(database) == {"b"}
    database.close()


def test_a_lock_goes_to_whoever_has_waited_longest() -> None:
    turns, order = Turns(), []
    assert turns.acquire(1, abandon=turns.release)

    def wait(number: int) -> None:
        assert turns.acquire(10, abandon=turns.release)
        order.append(number)
        turns.release()

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
        time.sleep(0.005)
    turns.release()
    for thread in threads:
        thread.join()
    assert order == list(range(10))


def test_a_lock_that_was_given_up_is_not_lost() -> None:
    turns = Turns()
    assert turns.acquire(1, abandon=turns.release)
    assert not turns.acquire(0.01, abandon=turns.release)
    assert not turns.hand_over()
    turns.release()
    assert turns.acquire(0.01, abandon=turns.release)


@pytest.mark.external
def test_when_the_connection_breaks_every_call_of_the_group_says_so(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the one that had ended its part before; it is no bug of ours, but the store that is away."""
    monkeypatch.setattr(_groups, "_AGE", 60.0)
    with closing(connect(postgresql_url)) as database:
        said: dict[str, str] = {}

        def call(name: str, *, breaks: bool) -> None:
            try:
                with database.write("test", project="p") as connection:
                    connection.execute(text("SELECT 1"))
                    time.sleep(0.04)
                    if breaks:
                        number = connection.scalar(text("SELECT pg_backend_pid()"))
                        with psycopg.connect(postgresql_url, autocommit=True) as other:
                            other.execute("SELECT pg_terminate_backend(%s, 5000)", (number,))
                        connection.execute(text("SELECT 1"))
            except StoreError as error:
                said[name] = error.message

        threads = [threading.Thread(target=call, args=("first",), kwargs={"breaks": False})]
        threads += [threading.Thread(target=call, args=("second",), kwargs={"breaks": True})]
        for thread in threads:
            thread.start()
            time.sleep(0.01)
        for thread in threads:
            thread.join()
        assert set(said) == {"first", "second"}, said
        put(database, "third")
        assert kept(database) == {"third"}
