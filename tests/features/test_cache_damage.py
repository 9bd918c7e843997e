"""Damaged files: what is broken is a miss, never a wrong answer and never an error."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from alaas.features._database import Database
from alaas.features._shards import shard_files
from alaas.features.digests import DiskDigests
from alaas.features.disk import DiskCache
from alaas.testing.features import entries, key_of, right

NAMES = range(200)
KEYS = [key_of(name) for name in NAMES]


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    cache = DiskCache(directory=tmp_path, max_bytes=10_000_000)
    cache.put(entries(NAMES))
    cache.close()
    return tmp_path


def index_of(directory: Path) -> Path:
    (index,) = (directory / "v1").glob("index-*.sqlite3")
    return index


def found_right(cache: DiskCache) -> int:
    found = [(key, features) for key, features in zip(KEYS, cache.get(KEYS), strict=True) if features]
    assert all(right(key, features) for key, features in found)
    return len(found)


def check_usable(directory: Path) -> None:
    """The cache takes everything again and loses none of it."""
    cache = DiskCache(directory=directory, max_bytes=10_000_000)
    for _ in range(3):  # damage may come to light as late as in the second put
        found_right(cache)
        cache.put(entries(NAMES))
    assert found_right(cache) == len(KEYS)
    assert cache.trouble is None
    cache.close()


def flip(path: Path, rng: np.random.Generator, count: int) -> None:
    content = bytearray(path.read_bytes())
    for position in rng.integers(0, len(content), count):
        content[position] ^= int(rng.integers(1, 256))
    path.write_bytes(content)


def test_a_damaged_record_is_a_miss_and_forgotten(filled: Path):
    (shard,) = shard_files(filled / "v1" / "shards").values()
    flip(shard, np.random.default_rng(0), 5)
    cache = DiskCache(directory=filled, max_bytes=10_000_000)
    left = found_right(cache)
    assert 195 <= left < 200
    assert cache.info().entries == left
    cache.close()
    check_usable(filled)


def test_a_shard_that_lost_its_end_keeps_its_beginning(filled: Path):
    (shard,) = shard_files(filled / "v1" / "shards").values()
    with shard.open("r+b") as file:
        file.truncate(shard.stat().st_size // 2)
    cache = DiskCache(directory=filled, max_bytes=10_000_000)
    assert found_right(cache) == 100
    cache.close()
    check_usable(filled)


@pytest.mark.parametrize(
    "content",
    [b"this is not a database", b"", b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["text", "empty", "header only"],
)
def test_an_index_that_is_none_is_set_aside(filled: Path, content: bytes):
    index = index_of(filled)
    index.write_bytes(content)
    cache = DiskCache(directory=filled, max_bytes=10_000_000)
    assert (found_right(cache), cache.trouble) == (0, None)
    cache.close()
    if content:
        assert (filled / "v1" / "index.damaged").read_bytes() == content
        assert index_of(filled) != index
    check_usable(filled)


def test_an_index_with_other_tables_is_set_aside(filled: Path):
    index = index_of(filled)
    connection = sqlite3.connect(index)
    connection.executescript("DROP TABLE features; CREATE TABLE features (something TEXT)")
    connection.close()
    check_usable(filled)


def test_an_index_damaged_under_a_running_cache_is_replaced_for_all(filled: Path):
    first = DiskCache(directory=filled, max_bytes=10_000_000)
    second = DiskCache(directory=filled, max_bytes=10_000_000)
    assert found_right(first) == found_right(second) == len(KEYS)
    index = index_of(filled)
    with index.open("r+b") as file:
        file.write(b"\xff" * index.stat().st_size)
    for cache in (first, second):
        cache.get([key_of(f"new {number}") for number in range(500)])
        cache.put(entries(NAMES))
    for cache in (first, second):
        assert found_right(cache) == len(KEYS)
        assert cache.trouble is None
        cache.close()


@pytest.mark.parametrize("seed", range(30))
def test_bytes_changed_anywhere_in_the_index_never_give_a_wrong_answer(filled: Path, seed: int):
    flip(index_of(filled), np.random.default_rng(seed), 60)
    check_usable(filled)


def test_clear_removes_what_was_set_aside(filled: Path):
    index_of(filled).write_bytes(b"this is not a database")
    cache = DiskCache(directory=filled, max_bytes=10_000_000)
    assert cache.clear() > 0
    cache.close()
    assert not (filled / "v1" / "index.damaged").exists()
    assert shard_files(filled / "v1" / "shards") == {}


def test_a_damaged_digest_index_is_set_aside(tmp_path: Path):
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "digests-1.sqlite3").write_bytes(b"this is not a database")
    digests = DiskDigests(directory=tmp_path)
    assert digests.lookup([]) == []
    assert digests.trouble is None
    digests.close()


def test_a_file_system_without_a_write_ahead_log_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # A database that is a file of its own kind: SQLite answers "memory" when asked for a write-ahead log.
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda _path, **options: real(":memory:", **options))
    cache = DiskCache(directory=tmp_path, max_bytes=10_000_000)
    cache.put(entries([1]))
    assert "asked for journal mode wal, got memory" in (cache.trouble or "")


def test_a_closed_database_still_answers(tmp_path: Path):
    database = Database(tmp_path, "any", "CREATE TABLE IF NOT EXISTS numbers (number INTEGER)")
    database.write(lambda connection: connection.execute("INSERT INTO numbers VALUES (1)"))
    database.close()
    assert database.read(lambda connection: connection.execute("SELECT number FROM numbers").fetchall()) == [
        (1,)
    ]
