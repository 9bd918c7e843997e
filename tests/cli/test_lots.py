"""Lines of a live feed are gathered into lots, and none of them waits for long."""

from __future__ import annotations

import io
import os
import time

import pytest

from alaas.cli._lots import lots


def test_what_is_there_at_once_comes_in_full_lots() -> None:
    found = list(lots(io.StringIO("".join(f"{n}\n" for n in range(10))), most=4, linger=5.0))
    assert [len(lot) for lot in found] == [4, 4, 2]
    assert found[2] == ["8\n", "9\n"]
    assert list(lots(io.StringIO(""), most=4, linger=5.0)) == []


def test_a_line_alone_is_not_kept_waiting() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as feed, os.fdopen(writing, "w") as tap:
        coming = lots(feed, most=100, linger=0.02)
        for number in range(3):
            tap.write(f"{number}\n")
            tap.flush()
            began = time.monotonic()
            assert next(coming) == [f"{number}\n"]
            assert time.monotonic() - began < 5.0
        tap.close()
        with pytest.raises(StopIteration):
            next(coming)


def test_a_feed_that_breaks_gives_what_came_before() -> None:
    class Broken(io.StringIO):
        def __next__(self) -> str:
            line = super().__next__()
            if "bad" in line:
                raise OSError("the cable is out")
            return line

    coming = lots(Broken("a\nbad\n"), most=10, linger=5.0)
    assert next(coming) == ["a\n"]
    with pytest.raises(OSError, match="cable"):
        next(coming)
