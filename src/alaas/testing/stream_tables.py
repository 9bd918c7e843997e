"""The contract suite of ``StreamTable``: subclass ``StreamTableSuite`` and say how to make a store."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import pytest

from alaas.errors import ProjectNotFoundError, VersionError
from alaas.stores import Finding, NewItem, Store, TakenItem, TakenRow
from alaas.types import Item


def taken_item(name: str, utility: float = 0.5) -> TakenItem:
    """A taken item whose content is its name."""
    return TakenItem(item=Item(id=name, text=name), digest=name.encode().ljust(32), utility=utility)


class StreamTableSuite(ABC):
    """What every table of streams must do."""

    @abstractmethod
    def make(self, clock: Callable[[], float]) -> Store:
        """A new and empty store."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """A store with the projects p and q."""
        with self.make(lambda: 1000.0) as store:
            store.create_project("p", "{}", actor="me")
            store.create_project("q", "{}", actor="me")
            yield store

    def test_a_stream_begins_with_nothing(self, store: Store) -> None:
        row = store.streams.read("p", ids=["a"], digests=[b"a".ljust(32)])
        assert (row.state, row.version, dict(row.known), dict(row.twins)) == (None, 0, {}, {})
        assert store.streams.taken("p") == []

    def test_what_is_taken_is_in_the_pool_with_its_digest(self, store: Store) -> None:
        both = [taken_item("a", 0.7), taken_item("b")]
        assert store.streams.advance("p", "one", both, version=0, actor="feed") == [0, 1]
        rows = store.items("p")
        assert [(row.number, row.id, row.state, row.text) for row in rows] == [
            (0, "a", "pool", "a"),
            (1, "b", "pool", "b"),
        ]
        assert rows[0].digest == b"a".ljust(32)
        assert store.streams.taken("p") == [TakenRow(number=0, utility=0.7), TakenRow(number=1, utility=0.5)]
        row = store.streams.read("p", ids=["a", "z"], digests=[b"b".ljust(32), b"z".ljust(32)])
        assert (row.state, row.version) == ("one", 1)
        assert row.known == {"a": "pool"}
        assert row.twins == {b"b".ljust(32): "b"}
        assert store.counts("p").states["pool"] == 2
        assert store.streams.read("q").version == 0

    def test_a_stream_that_has_moved_is_not_overwritten(self, store: Store) -> None:
        store.streams.advance("p", "one", [], version=0, actor="me")
        for version in (0, 2):
            with pytest.raises(VersionError, match="read it again"):
                store.streams.advance("p", "other", [taken_item("a")], version=version, actor="me")
        assert store.items("p") == []
        store.streams.advance("p", "two", [], version=1, actor="me")
        assert store.streams.read("p").state == "two"

    def test_an_item_that_came_into_the_project_meanwhile_is_not_taken(self, store: Store) -> None:
        store.add_items("p", [NewItem(item=Item(id="a", text="mine"))], actor="me")
        with pytest.raises(VersionError):
            store.streams.advance("p", "one", [taken_item("b"), taken_item("a")], version=0, actor="me")
        assert [row.text for row in store.items("p")] == ["mine"]
        assert store.streams.read("p", ids=["a"]).known == {"a": "new"}
        assert store.streams.read("p").version == 0

    def test_the_same_content_again_is_a_duplicate(self, store: Store) -> None:
        store.add_items("p", [NewItem(item=Item(id="first", text="a"))], actor="me")
        store.settle("p", [Finding(number=0, digest=b"a".ljust(32))])
        store.streams.advance("p", "one", [taken_item("a")], version=0, actor="me")
        assert [row.state for row in store.items("p")] == ["pool", "duplicate"]
        assert store.streams.read("p", digests=[b"a".ljust(32)]).twins == {b"a".ljust(32): "first"}

    def test_the_log_has_lines_only_where_something_was_taken(self, store: Store) -> None:
        before = len(store.log("p"))
        store.streams.advance("p", "one", [], version=0, actor="feed")
        assert len(store.log("p")) == before
        store.streams.advance("p", "two", [taken_item("a")], version=1, actor="feed")
        assert [(line.verb, line.actor) for line in store.log("p")[before:]] == [
            ("items.add", "feed"),
            ("items.settle", "alaas"),
        ]

    def test_a_stream_goes_with_its_project(self, store: Store) -> None:
        store.streams.advance("p", "one", [taken_item("a")], version=0, actor="me")
        store.delete_project("p", actor="me")
        for call in (store.streams.read, store.streams.taken):
            with pytest.raises(ProjectNotFoundError):
                call("p")
        with pytest.raises(ProjectNotFoundError):
            store.streams.advance("p", "two", [], version=1, actor="me")
        store.create_project("p", "{}", actor="me")
        assert store.streams.read("p").version == 0
        assert store.streams.taken("p") == []

    def test_of_several_at_once_each_version_is_won_by_one(self, store: Store) -> None:
        won: list[int] = []

        def advance(who: int) -> None:
            for turn in range(10):
                while True:
                    row = store.streams.read("p")
                    try:
                        item = taken_item(f"{who}-{turn}")
                        store.streams.advance("p", str(who), [item], version=row.version, actor="me")
                    except VersionError:
                        continue
                    won.append(row.version)
                    break

        threads = [threading.Thread(target=advance, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == list(range(40))
        assert len(store.items("p")) == 40
        assert len(store.streams.taken("p")) == 40
