"""The contract suite of ``Source``: subclass ``SourceSuite`` in your tests and say how to make one."""

from __future__ import annotations

import itertools
from abc import abstractmethod

from alaas.sources import Entry, Source
from alaas.types import FailedItem, Item


class SourceSuite:
    """What every source promises, whatever it reads."""

    @abstractmethod
    def make(self) -> Source:
        """Make a source of at least three entries, the same ones each time."""

    def test_it_can_be_read_more_than_once(self) -> None:
        """A second reading of the same source, and another source of the same data, give the same."""
        source = self.make()
        first = list(source)
        assert len(first) >= 3, "make() has to give at least three entries"
        assert list(source) == first
        assert list(self.make()) == first

    def test_two_readings_at_once_do_not_disturb_each_other(self) -> None:
        """Each iterator has a place of its own."""
        source = self.make()
        expected = list(source)
        pairs = list(itertools.zip_longest(source, source))
        assert [one for one, _ in pairs] == expected
        assert [other for _, other in pairs] == expected

    def test_it_can_be_left_in_the_middle(self) -> None:
        """An iterator that is closed early holds nothing open, and the next starts at the beginning."""
        source = self.make()
        entries = iter(source)
        first = next(entries)
        close = getattr(entries, "close", None)
        if close is not None:
            close()
        assert next(iter(source)) == first

    def test_ids_are_distinct_and_not_empty(self) -> None:
        """Labels come back by id."""
        ids = [entry.id for entry in self.make()]
        assert all(ids)
        assert len(set(ids)) == len(ids)

    def test_entries_are_items_or_reports(self) -> None:
        """An item carries exactly one thing; a report says why there is none."""
        for entry in self.make():
            check_entry(entry)

    def test_total_is_right_if_it_is_known(self) -> None:
        """None is an answer; a wrong number is not."""
        source = self.make()
        assert source.total in (None, len(list(source)))

    def test_it_has_a_name_for_messages(self) -> None:
        """One line, not empty."""
        name = self.make().describe()
        assert name.strip()
        assert "\n" not in name

    def test_remote_is_known_before_reading(self) -> None:
        """It decides how many items are fetched at once."""
        assert isinstance(self.make().remote, bool)


def check_entry(entry: Entry) -> None:
    """Fail unless an entry is what ``alaas.types`` says it is."""
    if isinstance(entry, FailedItem):
        assert entry.reason, f"{entry.id} failed without a reason"
        return
    assert isinstance(entry, Item), f"a source yields Item or FailedItem, not {type(entry).__name__}"
    carried = [thing for thing in (entry.uri, entry.text, entry.row, entry.content) if thing is not None]
    assert len(carried) == 1, f"{entry.id} carries {len(carried)} things"
    assert 0 <= entry.cost < float("inf"), f"{entry.id} costs {entry.cost}"
