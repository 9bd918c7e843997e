"""Folders, patterns, lists and single files."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from alaas.config import EgressSettings, LimitSettings
from alaas.errors import EgressError, SourceError
from alaas.fetching import open_fetcher
from alaas.sources import ItemsSource, Source
from alaas.testing.sources import SourceSuite
from alaas.types import FailedItem, Item

FILES = ["b.jpg", "a.PNG", "notes.txt", "deep/c.webp", "deep/deeper/d.bmp", "e.gif", ".hidden.jpg",
         ".git/f.jpg", "deep.jpeg", "g.tiff", "jpg", "Zoe.jpg"]  # fmt: skip
WANTED = ["Zoe.jpg", "a.PNG", "b.jpg", "deep/c.webp", "deep/deeper/d.bmp", "deep.jpeg", "e.gif"]


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "pool" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path / "pool"


def ids(source: Source) -> list[str]:
    return [entry.id for entry in source]


class TestFolder(SourceSuite):
    @pytest.fixture(autouse=True)
    def _pool(self, pool: Path, opened) -> None:
        self.make = lambda: opened(pool, "image")


class TestGlob(SourceSuite):
    @pytest.fixture(autouse=True)
    def _pool(self, pool: Path, opened) -> None:
        self.make = lambda: opened(f"{pool}/**/*.*", "image")


class TestUris(SourceSuite):
    @pytest.fixture(autouse=True)
    def _list(self, opened) -> None:
        self.make = lambda: opened(["a.jpg", "http://example.org/b.jpg", " "], "image")


class TestItems(SourceSuite):
    def make(self) -> Source:
        return ItemsSource([Item(id=str(n), content=b"x") for n in range(3)])


def test_a_folder_gives_its_files_in_order(pool: Path, opened) -> None:
    items = list(opened(pool, "image"))
    assert [item.id for item in items] == WANTED
    assert [item.uri for item in items] == [f"{pool}/{name}" for name in WANTED]


def test_spellings_of_a_folder(pool: Path, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pool.parent)
    for uri in ("pool", "pool/", "./pool", f"file://{pool}/", f"{pool}//"):
        first = next(iter(opened(uri, "image")))
        assert first.id == "Zoe.jpg"
        assert Path(first.uri).samefile(pool / "Zoe.jpg")
        assert first.uri.startswith("/")


def test_extensions_and_recursion_are_settings(pool: Path, opened) -> None:
    assert ids(opened(pool, "image", recursive=False)) == ["Zoe.jpg", "a.PNG", "b.jpg", "deep.jpeg", "e.gif"]
    assert ids(opened(pool, "image", extensions=["tiff", ".TXT"])) == ["g.tiff", "notes.txt"]
    assert ids(opened(pool, "text")) == ["notes.txt"]
    with pytest.raises(SourceError, match="table"):
        list(opened(pool, "table"))


def test_links_are_followed_but_not_in_circles(pool: Path, opened) -> None:
    (pool / "z-file.jpg").symlink_to("b.jpg")
    (pool / "z-broken.jpg").symlink_to("nowhere.jpg")
    (pool / "z-self.jpg").symlink_to("z-self.jpg")
    (pool / "deep" / "up").symlink_to("..")
    (pool / "z-away").symlink_to(pool.parent / "away")
    (pool.parent / "away").mkdir()
    (pool.parent / "away" / "h.jpg").touch()
    (pool.parent / "away" / "back").symlink_to(pool)
    expected = [*WANTED, "z-away/h.jpg", "z-broken.jpg", "z-file.jpg", "z-self.jpg"]
    assert ids(opened(pool, "image")) == expected


def test_many_links_to_each_other_do_not_multiply_the_files(tmp_path: Path, opened) -> None:
    for one, other in itertools.product("abcdefgh", repeat=2):
        (tmp_path / one).mkdir(exist_ok=True)
        (tmp_path / one / f"to-{other}").symlink_to(tmp_path / other)
    (tmp_path / "h" / "x.jpg").touch()
    assert len(ids(opened(tmp_path, "image"))) == 1


def test_a_link_out_of_the_roots_is_reported_and_not_listed(pool: Path, opened) -> None:
    (pool / "away").symlink_to(pool.parent)
    stranger = open_fetcher(EgressSettings(), LimitSettings(), trusted=False, roots=[str(pool)])
    entries = list(opened(pool, "image", through=stranger))
    failed = [entry for entry in entries if isinstance(entry, FailedItem)]
    assert [entry.id for entry in failed] == ["away"]
    assert "outside" in failed[0].reason
    with pytest.raises(EgressError):
        opened(pool.parent, "image", through=stranger)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may list everything")
def test_a_folder_that_may_not_be_listed_is_reported(pool: Path, opened) -> None:
    (pool / "deep").chmod(0)
    try:
        entries = list(opened(pool, "image"))
    finally:
        (pool / "deep").chmod(0o700)
    assert [(type(entry), entry.id) for entry in entries if entry.id == "deep"] == [(FailedItem, "deep")]


def test_a_folder_that_vanishes_is_reported(pool: Path, opened) -> None:
    entries = iter(opened(pool, "image"))
    assert next(entries).id == "Zoe.jpg"
    for path in sorted((pool / "deep").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (pool / "deep").rmdir()
    found = {entry.id: entry for entry in entries}
    assert isinstance(found["deep"], FailedItem)
    assert "e.gif" in found


def test_a_folder_is_walked_lazily(tmp_path: Path, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        (tmp_path / f"{number:02}").mkdir()
        (tmp_path / f"{number:02}" / "x.jpg").touch()
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    assert [item.id for item in itertools.islice(opened(tmp_path, "image"), 2)] == ["00/x.jpg", "01/x.jpg"]
    assert len(listed) == 3


def test_names_that_are_not_utf8(tmp_path: Path, opened, fetcher) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff %.jpg")).write_bytes(b"x")
    (item,) = opened(tmp_path, "image")
    assert item.id == "%FF%20%25.jpg"
    item.uri.encode()  # JSON can hold it
    assert fetcher.fetch(item.uri) == b"x"


def test_missing_and_empty_folders(tmp_path: Path, opened) -> None:
    assert list(opened(tmp_path, "image")) == []
    (tmp_path / "photos").mkdir()
    with pytest.raises(SourceError, match="did you mean 'photos'"):
        opened(tmp_path / "photo", "image")
    with pytest.raises(SourceError, match="no file or folder"):
        opened(tmp_path / "nowhere" / "photos", "image")
    with pytest.raises(SourceError, match="empty"):
        opened(" ", "image")
    with pytest.raises(SourceError, match="not the name"):
        opened("photos\0", "image")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jpg", ["Zoe.jpg", "b.jpg"]),
        ("*", ["Zoe.jpg", "a.PNG", "b.jpg", "deep.jpeg", "e.gif"]),
        ("**", WANTED),
        ("**/*", WANTED),
        ("**/*.txt", ["notes.txt"]),
        ("[ab].*", ["a.PNG", "b.jpg"]),
        ("?.jpg", ["b.jpg"]),
        ("deep/*", ["c.webp"]),
        ("*/*.webp", ["deep/c.webp"]),
        ("**/deep*/**/*.bmp", ["deep/deeper/d.bmp"]),
        ("**/**/d.*", ["deep/deeper/d.bmp"]),
        (".*.jpg", [".hidden.jpg"]),
        (".g*/*.jpg", [".git/f.jpg"]),
        ("*.xyz", []),
    ],
)
def test_patterns(pool: Path, opened, pattern: str, expected: list[str]) -> None:
    source = opened(f"{pool}/{pattern}", "image")
    assert ids(source) == expected
    base = pool / "deep" if pattern.startswith("deep") else pool
    assert [entry.uri for entry in source] == [f"{base}/{name}" for name in expected]


def test_a_pattern_looks_only_where_it_can_match(pool: Path, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    list(opened(f"{pool}/*/*.webp", "image"))
    assert listed == [str(pool), str(pool / "deep")]


def test_a_pattern_below_a_missing_folder(pool: Path, opened) -> None:
    with pytest.raises(SourceError, match="no folder"):
        list(opened(f"{pool}/missing/*.jpg", "image"))


def test_a_name_with_brackets_that_exists_is_no_pattern(tmp_path: Path, opened) -> None:
    (tmp_path / "a[1]").mkdir()
    (tmp_path / "a[1]" / "x.jpg").touch()
    assert ids(opened(tmp_path / "a[1]", "image")) == ["x.jpg"]


def test_lists_and_single_files(pool: Path, opened) -> None:
    source = opened([f"{pool}/b.jpg", "https://example.org/x.jpg"], "image")
    assert ids(source) == [f"{pool}/b.jpg", "https://example.org/x.jpg"]
    assert source.remote
    assert source.total == 2
    assert ids(opened(f"{pool}/b.jpg", "image")) == [f"{pool}/b.jpg"]
    assert not opened(f"{pool}/b.jpg", "image").remote
    assert opened("https://example.org/x.jpg?size=[1]*", "image").remote
    assert ids(opened([], "image")) == []


def test_unknown_schemes_name_the_address(opened) -> None:
    with pytest.raises(SourceError, match="ftp"):
        opened("ftp://example.org/photos/", "image")
