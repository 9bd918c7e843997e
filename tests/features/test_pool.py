"""The scratch arrays of one run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alaas.errors import ScratchError
from alaas.features import content_digest
from alaas.features.pool import PoolWriter
from alaas.types import FailedItem, Features, Item


def features(value: int, width: int = 3) -> Features:
    return Features(embeddings=np.full(width, value, dtype=np.float32))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rows_written_in_any_order_come_out_in_the_order_of_the_source(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    contents = data.draw(st.lists(st.integers(0, 15), min_size=count, max_size=count))
    bad = data.draw(st.sets(st.integers(0, count - 1)))
    arrival = data.draw(st.permutations(range(count)))
    with PoolWriter(["embeddings"]) as writer:
        for row in range(count):
            assert writer.admit(Item(id=f"item-{row}", uri=f"u{row}", cost=row + 0.5)) == row
        chunk = data.draw(st.integers(1, 12))
        for first in range(0, count, chunk):
            arrived = arrival[first : first + chunk]
            for row in bad.intersection(arrived):
                writer.fail(row, FailedItem(id=f"item-{row}", uri=None, reason="broken"))
            writer.keep(
                (row, content_digest(bytes([contents[row]])), features(row))
                for row in arrived
                if row not in bad
            )
        pool = writer.finish()
        expected, seen = [], set()
        for row in range(count):
            if row not in bad and contents[row] not in seen:
                seen.add(contents[row])
                expected.append(row)
        assert pool.rows.tolist() == expected
        assert [pool.item(i).id for i in range(len(pool))] == [f"item-{row}" for row in expected]
        assert len(pool.failed) == count - len(expected)
        if expected:
            assert pool.signals.embeddings is not None
            assert pool.signals.embeddings[:, 0].tolist() == expected
            assert pool.signals.costs is not None
            assert pool.signals.costs.tolist() == [row + 0.5 for row in expected]


def test_a_repeated_content_names_the_item_that_stays(tmp_path: Path) -> None:
    with PoolWriter([], directory=tmp_path) as writer:
        for name in ("a.jpg", "b.jpg", "copy of a.jpg"):
            row = writer.admit(Item(id=name, uri=name))
            writer.keep([(row, content_digest(name[-5:].encode()), None)])
        pool = writer.finish()
        assert [failed.id for failed in pool.failed] == ["copy of a.jpg"]
        assert "'a.jpg'" in pool.failed[0].reason
    assert list(tmp_path.iterdir()) == []


def test_a_repeated_id_is_reported(tmp_path: Path) -> None:
    with PoolWriter([], directory=tmp_path) as writer:
        for content in (b"1", b"2"):
            writer.keep([(writer.admit(Item(id="same")), content_digest(content), None)])
        pool = writer.finish()
        assert len(pool) == 1
        assert "ids must be distinct" in pool.failed[0].reason


def test_items_come_back_as_they_went_in(tmp_path: Path) -> None:
    item = Item(id="ü", text="zwei\nZeilen", row={"a": 1, "b": None}, cost=2.5, metadata={"k": [1, "x"]})
    with PoolWriter([], directory=tmp_path) as writer:
        writer.keep([(writer.admit(item), b"x" * 32, None)])
        assert writer.finish().item(0) == item


def test_features_of_another_width_are_a_bug_that_is_not_hidden(tmp_path: Path) -> None:
    with PoolWriter(["embeddings"], directory=tmp_path) as writer:
        writer.keep([(writer.admit(Item(id="0")), b"x" * 32, features(0, 3))])
        with pytest.raises(ValueError, match="row 1"):
            writer.keep([(writer.admit(Item(id="1")), b"y" * 32, features(0, 4))])


def test_the_fingerprint_tells_pools_apart(tmp_path: Path) -> None:
    def fingerprint(*names: str) -> str:
        with PoolWriter([], directory=tmp_path) as writer:
            for name in names:
                writer.keep([(writer.admit(Item(id=name)), content_digest(name.encode()), None)])
            return writer.finish().fingerprint

    assert fingerprint("a", "b") == fingerprint("a", "b")
    assert len({fingerprint("a", "b"), fingerprint("b", "a"), fingerprint("a")}) == 3


def test_a_disk_that_takes_only_a_part_of_a_row_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with PoolWriter(["embeddings"], directory=tmp_path) as writer:
        row = writer.admit(Item(id="0"))
        monkeypatch.setattr("os.pwritev", lambda handle, data, at: 1)
        with pytest.raises(ScratchError, match=r"full.*TMPDIR"):
            writer.keep([(row, b"x" * 32, features(0))])


def test_more_neighbours_than_one_system_call_takes(tmp_path: Path) -> None:
    with PoolWriter(["embeddings"], directory=tmp_path) as writer:
        rows = [writer.admit(Item(id=str(number))) for number in range(2500)]
        writer.keep((row, content_digest(str(row).encode()), features(row)) for row in rows)
        found = writer.finish().signals.embeddings
        assert found is not None
        assert found[:, 0].tolist() == rows
