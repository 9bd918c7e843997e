"""The digest index: right about what changed, cautious about what is young, quick and bounded."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from alaas.features import content_digest, digests
from alaas.features.digests import DiskDigests
from alaas.features.null import NoDigests
from alaas.fetching._base import FileStamp

OLD_NS = 1_600_000_000 * 10**9


def stamp(number: int = 0, **changes: int | str) -> FileStamp:
    fields = {"path": f"/data/{number}.jpg", "size": 100 + number, "mtime_ns": OLD_NS, "inode": number}
    return FileStamp(**(fields | changes))  # type: ignore[arg-type]


def stamp_of(path: Path) -> FileStamp:
    status = path.stat()
    return FileStamp(path=str(path), size=status.st_size, mtime_ns=status.st_mtime_ns, inode=status.st_ino)


@pytest.fixture
def index(tmp_path: Path):
    index = DiskDigests(directory=tmp_path)
    yield index
    index.close()


def test_what_was_remembered_comes_back_for_the_same_stamp_only(index: DiskDigests):
    known = [(stamp(number), content_digest(b"%d" % number)) for number in range(700)]
    index.remember(known)
    asked = [known[5][0], stamp(9999), *(entry[0] for entry in known), known[5][0]]
    expected = [known[5][1], None, *(entry[1] for entry in known), known[5][1]]
    assert index.lookup(asked) == expected
    for change in ({"size": 1}, {"mtime_ns": OLD_NS + 1}, {"inode": 77}, {"path": "/elsewhere"}):
        assert index.lookup([stamp(5, **change)]) == [None]
    assert index.lookup([]) == []
    assert index.trouble is None


def test_a_changed_file_replaces_what_was_known(index: DiskDigests):
    index.remember([(stamp(1), b"a" * 32)])
    changed = stamp(1, size=5)
    index.remember([(changed, b"b" * 32)])
    assert index.lookup([changed, stamp(1)]) == [b"b" * 32, None]


def test_it_outlives_the_process_and_is_shared(tmp_path: Path, index: DiskDigests):
    other = DiskDigests(directory=tmp_path)
    index.remember([(stamp(1), b"a" * 32)])
    assert other.lookup([stamp(1)]) == [b"a" * 32]
    other.clear()
    assert index.lookup([stamp(1)]) == [None]
    other.close()


def test_a_path_that_is_no_text_and_an_inode_of_64_bits(index: DiskDigests):
    odd = stamp(1, path=os.fsdecode(b"/data/\xff\xfe.jpg"), inode=2**64 - 3)
    index.remember([(odd, b"a" * 32)])
    assert index.lookup([odd, stamp(1, path=odd.path, inode=2**63 - 3)]) == [b"a" * 32, None]


def test_a_file_written_just_now_is_not_remembered(tmp_path: Path, index: DiskDigests):
    path = tmp_path / "young.txt"
    path.write_bytes(b"first")
    young = stamp_of(path)
    index.remember([(young, content_digest(b"first"))])
    assert index.lookup([young]) == [None]


def test_a_file_that_changed_twice_within_a_tick_is_never_taken_for_its_old_self(
    tmp_path: Path, index: DiskDigests, monkeypatch: pytest.MonkeyPatch
):
    path = tmp_path / "young.txt"
    path.write_bytes(b"first")
    before = stamp_of(path)
    assert index.lookup([before]) == [None]
    digest = content_digest(path.read_bytes())
    path.write_bytes(b"other")
    os.utime(path, ns=(before.mtime_ns, before.mtime_ns))  # the tick in which both were written
    assert stamp_of(path) == before
    # The digest reaches the index only after the slow stages that come between.
    later = time.time_ns() + 5 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    index.remember([(before, digest)])
    assert index.lookup([before]) == [None]


def test_a_file_that_has_grown_old_is_remembered(index: DiskDigests, monkeypatch: pytest.MonkeyPatch):
    young = stamp(1, mtime_ns=time.time_ns())
    index.lookup([young])
    later, much_later = time.time_ns() + 5 * 10**9, time.monotonic() + digests.SUSPECT_SECONDS + 1
    monkeypatch.setattr(time, "time_ns", lambda: later)
    monkeypatch.setattr(time, "monotonic", lambda: much_later)
    assert index.lookup([young]) == [None]
    index.remember([(young, b"a" * 32)])
    assert index.lookup([young]) == [b"a" * 32]


def test_too_many_young_files_are_all_distrusted(index: DiskDigests, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(digests, "_MAX_SUSPECTS", 10)
    now = time.time_ns()
    young = [stamp(number, mtime_ns=now + number) for number in range(20)]
    index.lookup(young)
    later = now + 5 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    index.remember([(one, b"a" * 32) for one in [*young, stamp(50)]])
    assert index.lookup([*young, stamp(50)]) == [*[None] * 20, b"a" * 32]


def test_it_stays_bounded_and_keeps_the_newest(tmp_path: Path):
    index = DiskDigests(directory=tmp_path, max_entries=100)
    for first in range(0, 1000, 50):
        index.remember([(stamp(number), b"a" * 32) for number in range(first, first + 50)])
    known = index.lookup([stamp(number) for number in range(1000)])
    assert known == [None] * 900 + [b"a" * 32] * 100
    index.close()


def test_many_threads_at_once(index: DiskDigests):
    errors: list[BaseException | str] = []

    def work(seed: int) -> None:
        try:
            for step in range(20):
                stamps = [stamp(seed * 7 + step + number) for number in range(50)]
                index.remember([(one, content_digest(one.path.encode())) for one in stamps])
                for one, digest in zip(stamps, index.lookup(stamps), strict=True):
                    if digest != content_digest(one.path.encode()):
                        errors.append(one.path)
        except Exception as error:  # noqa: BLE001  (a thread's error is the test's)
            errors.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert index.trouble is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    index = DiskDigests(directory=tmp_path / "file")
    index.remember([(stamp(1), b"a" * 32)])
    assert index.lookup([stamp(1)]) == [None]
    assert "Not a directory" in (index.trouble or "")
    index.clear()
    index.close()


def test_without_a_cache_nothing_is_remembered():
    index = NoDigests()
    index.remember([(stamp(1), b"a" * 32)])
    assert index.lookup([stamp(1), stamp(2)]) == [None, None]
