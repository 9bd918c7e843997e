"""From settings to a cache."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ByteSize

from alaas.config import CacheSettings
from alaas.features import CacheInfo, open_cache, open_digests
from alaas.fetching._base import FileStamp
from alaas.testing.features import entries, key_of

STAMP = FileStamp(path="/data/1.jpg", size=1, mtime_ns=1, inode=1)


def test_the_settings_say_where_and_how_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = CacheSettings(directory=Path("~/here"), max_size=ByteSize(12345))
    cache, digests = open_cache(settings), open_digests(settings)
    cache.put(entries([1]))
    digests.remember([(STAMP, b"a" * 32)])
    assert cache.info().location == str(tmp_path / "here")
    assert cache.info().max_bytes == 12345
    assert {path.parent for path in tmp_path.rglob("*.sqlite3")} == {tmp_path / "here" / "v1"}
    cache.close()
    digests.close()


def test_a_cache_that_is_off_keeps_nothing_and_touches_no_disk(tmp_path: Path):
    settings = CacheSettings(enabled=False, directory=tmp_path / "here")
    cache, digests = open_cache(settings), open_digests(settings)
    cache.put(entries([1]))
    assert cache.get([key_of(1), key_of(2)]) == [None, None]
    assert cache.info() == CacheInfo(location="none", entries=0, bytes=0, max_bytes=0)
    assert (cache.clear(), cache.trouble) == (0, None)
    digests.remember([(STAMP, b"a" * 32)])
    assert digests.lookup([STAMP]) == [None]
    digests.clear()
    cache.close()
    digests.close()
    assert not (tmp_path / "here").exists()


def test_the_database_is_loaded_only_for_a_cache_on_disk():
    code = (
        "import sys, alaas, alaas.features; from alaas.config import CacheSettings; "
        "alaas.features.open_cache(CacheSettings(enabled=False)); assert 'sqlite3' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
