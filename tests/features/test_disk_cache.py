"""The cache on disk: the contract, and what it leaves behind for the next process."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from alaas.features import FeatureCache, disk
from alaas.features._shards import HeldShard, shard_files
from alaas.features.disk import DiskCache
from alaas.filesystem import network_filesystem
from alaas.testing.features import FeatureCacheSuite, entries, key_of, right


class TestDiskCache(FeatureCacheSuite):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.directory = tmp_path / "a folder" / "features"

    def make(self, *, max_bytes: int) -> FeatureCache:
        return DiskCache(directory=self.directory, max_bytes=max_bytes)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "v1" / "shards"


def open_at(directory: Path, max_bytes: int = 10_000_000) -> DiskCache:
    return DiskCache(directory=directory, max_bytes=max_bytes)


def count_right(cache: DiskCache, names: range) -> int:
    keys = [key_of(name) for name in names]
    found = [(key, features) for key, features in zip(keys, cache.get(keys), strict=True) if features]
    assert all(right(key, features) for key, features in found)
    return len(found)


def test_what_was_put_stays(tmp_path: Path):
    first = open_at(tmp_path)
    first.put(entries(range(300)))
    first.close()
    second = open_at(tmp_path)
    assert count_right(second, range(300)) == 300
    second.close()


def test_two_caches_see_each_other_at_once(tmp_path: Path):
    first, second = open_at(tmp_path), open_at(tmp_path)
    first.put(entries(range(10)))
    second.put(entries(range(5, 20)))
    assert count_right(first, range(20)) == count_right(second, range(20)) == 20
    assert first.info() == second.info()
    assert first.info().entries == 20
    first.close()
    second.close()


def test_a_short_run_does_not_leave_a_file_of_its_own(tmp_path: Path, home: Path):
    for run in range(12):
        cache = open_at(tmp_path)
        cache.put(entries([run]))
        cache.close()
    assert len(shard_files(home)) == 1
    cache = open_at(tmp_path)
    assert count_right(cache, range(12)) == 12
    cache.close()


def test_what_was_read_outlives_what_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(disk, "TOUCH_SECONDS", 0.0)
    cache = open_at(tmp_path, 100_000)
    for first in range(0, 320, 20):
        cache.put(entries(range(first, first + 20)))
    assert count_right(cache, range(320)) == 320
    for first in range(320, 1000, 20):
        count_right(cache, range(20))
        cache.put(entries(range(first, first + 20)))
    assert count_right(cache, range(20)) == 20
    assert count_right(cache, range(60, 320)) == 0
    cache.close()


def test_a_shard_that_is_being_written_is_not_evicted(tmp_path: Path):
    writer, other = open_at(tmp_path, 100_000), open_at(tmp_path, 100_000)
    writer.put(entries(range(10)))
    for first in range(1000, 3000, 20):
        other.put(entries(range(first, first + 20)))
    assert count_right(writer, range(10)) == 10
    assert other.info().bytes <= 100_000
    writer.close()
    for first in range(3000, 4000, 20):
        other.put(entries(range(first, first + 20)))
    assert count_right(other, range(10)) == 0
    other.close()


def test_clear_takes_what_others_are_writing_and_they_go_on(tmp_path: Path):
    writer, other = open_at(tmp_path), open_at(tmp_path)
    writer.put(entries(range(10)))
    assert count_right(other, range(10)) == 10
    assert other.clear() > 0
    assert count_right(writer, range(10)) == 0
    writer.put(entries(range(10, 20)))
    assert count_right(other, range(20)) == 10
    assert (other.info().entries, writer.trouble, other.trouble) == (10, None, None)
    writer.close()
    other.close()


def test_a_folder_deleted_under_a_running_cache_is_made_again(tmp_path: Path):
    cache = open_at(tmp_path / "cache")
    cache.put(entries(range(10)))
    shutil.rmtree(tmp_path / "cache")
    assert count_right(cache, range(10)) == 0
    cache.put(entries(range(10)))
    assert count_right(cache, range(10)) == 10
    assert cache.trouble is None
    cache.close()


def test_remnants_of_a_crash_are_swept(tmp_path: Path, home: Path):
    cache = open_at(tmp_path)
    cache.put(entries(range(10)))
    cache.close()
    (known,) = shard_files(home).values()
    size = known.stat().st_size
    with known.open("ab") as file:
        file.write(b"begun, never committed")
    (home / f"{5:016x}.shard").write_bytes(b"no index knows of this")
    held = HeldShard.create(home)  # somebody else begins a shard at this moment
    held.append(b"not committed yet")

    cache = open_at(tmp_path)
    cache.put(entries([10]))
    per_item = size // 10
    assert known.stat().st_size == size + per_item
    assert set(shard_files(home).values()) == {known, held.path}
    assert count_right(cache, range(11)) == 11
    held.close()
    cache.close()


def test_entries_whose_shard_is_gone_are_misses_and_forgotten(tmp_path: Path, home: Path):
    cache = open_at(tmp_path)
    cache.put(entries(range(10)))
    cache.close()
    for path in shard_files(home).values():
        path.unlink()
    cache = open_at(tmp_path)
    assert count_right(cache, range(10)) == 0
    cache.put(entries(range(4)))
    assert count_right(cache, range(10)) == 4
    assert cache.info().entries == 4
    cache.close()


def test_a_network_file_system_is_refused_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("alaas.features._files.network_filesystem", lambda _: "nfs4")
    cache = open_at(tmp_path / "cache")
    cache.put(entries([1]))
    assert cache.get([key_of(1)]) == [None]
    assert "network file system (nfs4)" in (cache.trouble or "")
    assert str(tmp_path) in (cache.trouble or "")
    assert not (tmp_path / "cache").exists()


def test_the_kind_of_file_system_is_that_of_the_nearest_mount(tmp_path: Path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 254:0 / / rw - ext4 /dev/vda rw\n"
        "30 22 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw\n"
        "31 30 0:41 / /home/local\\040disk rw - xfs /dev/vdb rw\n"
        "32 22 0:42 / /media rw - fuse.sshfs host:/ rw\n"
        "not a mount\n"
    )
    assert network_filesystem(Path("/home/me/.cache"), mounts) == "nfs4"
    assert network_filesystem(Path("/home/local disk/cache"), mounts) is None
    assert network_filesystem(Path("/media/x"), mounts) == "fuse.sshfs"
    assert network_filesystem(Path("/var/tmp"), mounts) is None
    assert network_filesystem(Path("/home"), tmp_path / "missing") is None
