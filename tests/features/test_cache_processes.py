"""Several processes at once, processes that are killed, and disks that take no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alaas.features import disk
from alaas.features.disk import DiskCache
from alaas.testing.features import entries, key_of, right

WRITER = Path(__file__).with_name("crash_writer.py")


def run(what: str, directory: Path, number: int = 0) -> dict[str, Any]:
    command = [sys.executable, str(WRITER), what, str(directory), "--number", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("rounds", [12, pytest.param(150, marks=pytest.mark.slow)])
def test_killed_writers_lose_nothing_that_was_committed(tmp_path: Path, rounds: int):
    seen = run("kill", tmp_path, rounds)
    assert seen["checked"] > 100 * rounds
    assert seen["lost"] == 0


def test_several_processes_share_a_cache_that_is_too_small(tmp_path: Path):
    seen = run("share", tmp_path, 4)
    assert seen["codes"] == [0, 0, 0, 0]
    assert seen["lost"] == 0
    assert seen["entries"] == seen["keys"] > 0
    assert seen["bytes"] <= 300_000
    files = (tmp_path / "v1" / "shards").iterdir()
    assert sum(path.stat().st_size for path in files) == seen["bytes"]


def test_a_cache_can_be_used_on_both_sides_of_a_fork(tmp_path: Path):
    seen = run("inherit", tmp_path)
    assert seen["code"] == 0
    assert seen["right"] == seen["asked"] == 110


def test_a_file_that_may_not_grow_stops_the_storing_only(tmp_path: Path):
    seen = run("fill", tmp_path, 700_000)
    assert 0 < seen["found"] < seen["put"]
    assert seen["right"] == seen["found"] == seen["entries"]
    assert seen["trouble"].startswith(f"the feature cache in {tmp_path} stores nothing: ")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes, for those who may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small disk takes root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_stops_the_storing_only(small_disk: Path, monkeypatch: pytest.MonkeyPatch):
    seen = run("fill", small_disk)
    assert 0 < seen["found"] < seen["put"]
    assert seen["right"] == seen["found"] == seen["entries"]
    assert "the disk is full" in seen["trouble"]
    # As soon as there is room again, the next try succeeds and the trouble is over.
    monkeypatch.setattr(disk, "RETRY_SECONDS", 0.0)
    cache = DiskCache(directory=small_disk, max_bytes=50_000_000)
    assert cache.clear() > 0
    cache.put(entries(["after"]))
    assert (cache.get([key_of("after")]) != [None], cache.trouble) == (True, None)
    cache.close()


def check_read_only(cache: DiskCache) -> None:
    found = cache.get([key_of(name) for name in range(100)])
    assert all(f is not None and right(key_of(name), f) for name, f in enumerate(found))
    assert cache.trouble is None
    cache.put(entries(["new"]))
    assert "it is read-only" in (cache.trouble or "")
    assert cache.get([key_of("new"), key_of(1)])[0] is None
    assert cache.info().entries == 100
    assert cache.clear() == 0
    cache.close()


def fill_and_close(directory: Path) -> None:
    cache = DiskCache(directory=directory, max_bytes=1_000_000)
    cache.put(entries(range(100)))
    cache.close()


def test_a_read_only_disk_is_read(small_disk: Path):
    fill_and_close(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    check_read_only(DiskCache(directory=small_disk, max_bytes=1_000_000))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_read(tmp_path: Path):
    fill_and_close(tmp_path)
    folders = [tmp_path / "v1" / "shards", tmp_path / "v1", tmp_path]
    for folder in folders:
        folder.chmod(0o555)
    check_read_only(DiskCache(directory=tmp_path, max_bytes=1_000_000))
    for folder in folders:
        folder.chmod(0o755)


def test_a_cache_that_cannot_be_made_says_why(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    cache = DiskCache(directory=tmp_path / "file" / "cache", max_bytes=1_000_000)
    assert "Not a directory" in (cache.trouble or "")
    cache.put(entries([1]))
    assert cache.get([key_of(1)]) == [None]
    assert cache.info().entries == 0
    cache.close()
