"""The contract suite of ``KeyTable``: subclass ``KeyTableSuite`` and say how to make a store."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator

import pytest

from alaas.errors import ConflictError, KeyNotFoundError
from alaas.stores import KeyRow, NewKey, Role, Store


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.seconds = 1_700_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.seconds


def new_key(
    name: str, *, key_id: str = "", role: Role = "reader", projects: tuple[str, ...] | None = None
) -> NewKey:
    """A key whose id follows from its name."""
    return NewKey(
        id=key_id or f"id-{name}", name=name, role=role, projects=projects, digest=name.encode().ljust(32)
    )


class KeyTableSuite:
    """What every table of keys promises."""

    @abstractmethod
    def make(self, clock: Callable[[], float]) -> Store:
        """An empty store with this clock."""

    @pytest.fixture
    def clock(self) -> Clock:
        """The store's clock."""
        return Clock()

    @pytest.fixture
    def store(self, clock: Clock) -> Iterator[Store]:
        """An empty store."""
        with self.make(clock) as store:
            yield store

    def test_a_key_comes_back_as_it_went_in(self, store: Store, clock: Clock) -> None:
        """Whatever its role and its projects."""
        new = NewKey(id="1", name="Änne", role="annotator", projects=("a", "b"), digest=bytes(range(32)))
        row = store.keys.add(new, actor="me")
        assert row == KeyRow(
            id="1",
            name="Änne",
            role="annotator",
            projects=("a", "b"),
            digest=bytes(range(32)),
            created=clock.seconds,
        )
        assert store.keys.get("1") == row
        assert store.keys.add(new_key("all", projects=None), actor="me").projects is None
        assert store.keys.get("2") is None

    def test_rows_come_oldest_first_with_the_revoked_ones(self, store: Store, clock: Clock) -> None:
        """Also where several were made at one moment."""
        names = ["c", "a", "d", "b"]
        for name in names:
            store.keys.add(new_key(name), actor="me")
        clock.seconds += 5
        ended = store.keys.revoke("a", actor="me")
        rows = store.keys.rows()
        assert [row.name for row in rows] == names
        assert rows[1] == ended == store.keys.get("id-a")
        assert ended.revoked == clock.seconds
        assert [row.name for row in rows if row.revoked is None] == ["c", "d", "b"]

    def test_a_name_is_taken_until_its_key_is_revoked(self, store: Store) -> None:
        """Then it may be used again, and the old key stays revoked."""
        store.keys.add(new_key("anna", key_id="1"), actor="me")
        with pytest.raises(ConflictError, match="'anna'"):
            store.keys.add(new_key("anna", key_id="2"), actor="me")
        assert store.keys.get("2") is None
        store.keys.revoke("anna", actor="me")
        again = store.keys.add(new_key("anna", key_id="2"), actor="me")
        assert again.revoked is None
        first = store.keys.get("1")
        assert first is not None
        assert first.revoked is not None
        assert store.keys.revoke("anna", actor="me").id == "2"

    def test_names_differ_by_every_letter(self, store: Store) -> None:
        """Case counts, and so do spaces."""
        for number, name in enumerate(["anna", "Anna", "anna ", "änna"]):
            store.keys.add(new_key(name, key_id=str(number)), actor="me")
        assert len(store.keys.rows()) == 4

    def test_what_is_not_there_cannot_be_revoked(self, store: Store) -> None:
        """Neither can what is revoked already."""
        with pytest.raises(KeyNotFoundError, match="'anna'"):
            store.keys.revoke("anna", actor="me")
        store.keys.add(new_key("anna"), actor="me")
        store.keys.revoke("anna", actor="me")
        with pytest.raises(KeyNotFoundError):
            store.keys.revoke("anna", actor="me")

    def test_it_is_known_when_a_key_was_last_used(self, store: Store, clock: Clock) -> None:
        """A key that is not there is no error."""
        created = store.keys.add(new_key("anna"), actor="me").created
        clock.seconds += 7
        store.keys.touch("id-anna")
        row = store.keys.get("id-anna")
        assert row is not None
        assert (row.created, row.used) == (created, clock.seconds)
        store.keys.touch("nobody")
        assert len(store.keys.rows()) == 1

    def test_that_there_was_a_key_is_never_forgotten(self, store: Store) -> None:
        """So that revoking the last one does not open the door to everybody."""
        assert not store.keys.ever()
        store.keys.add(new_key("anna"), actor="me")
        assert store.keys.ever()
        store.keys.revoke("anna", actor="me")
        assert store.keys.ever()

    def test_making_and_revoking_are_in_the_log(self, store: Store) -> None:
        """With who did it, of no project; a refusal is not."""
        store.keys.add(new_key("anna"), actor="root")
        with pytest.raises(ConflictError):
            store.keys.add(new_key("anna", key_id="2"), actor="root")
        store.keys.touch("id-anna")
        store.keys.revoke("anna", actor="boss")
        lines = [(line.project, line.actor, line.verb, line.subject) for line in store.log()]
        assert lines == [(None, "root", "key.create", "anna"), (None, "boss", "key.revoke", "anna")]

    def test_of_many_who_take_a_name_at_once_one_gets_it(self, store: Store) -> None:
        """Eight threads, one key."""
        barrier = threading.Barrier(8)
        outcomes: list[str] = []

        def take(number: int) -> None:
            barrier.wait()
            try:
                store.keys.add(new_key("admin", key_id=str(number)), actor="me")
                outcomes.append("made")
            except ConflictError:
                outcomes.append("taken")

        threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["made"] + ["taken"] * 7
        assert len(store.keys.rows()) == 1
