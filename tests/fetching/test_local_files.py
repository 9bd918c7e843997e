"""Local files: what is read, and what lies outside."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alaas.config import LimitSettings
from alaas.errors import EgressError, FetchError
from alaas.fetching import Fetcher


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    """A folder that is open, with a neighbour that is not."""
    (tmp_path / "pool" / "deep").mkdir(parents=True)
    (tmp_path / "pool" / "a.jpg").write_bytes(b"inside")
    (tmp_path / "pool" / "deep" / "ä %41.jpg").write_bytes(b"deep")
    (tmp_path / "poolside").mkdir()
    for secret in ("secret", "poolside/secret", "etc"):
        (tmp_path / secret).write_bytes(b"outside")
    return tmp_path / "pool"


def failure(fetcher: Fetcher, uri: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(uri)
    return caught.value


@pytest.mark.parametrize("trusted", [True, False])
def test_spellings_of_a_file(pool: Path, opened, trusted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pool)
    fetcher = opened(trusted=trusted, roots=[str(pool)])
    for uri in (
        "a.jpg",
        "./a.jpg",
        f"{pool}/a.jpg",
        f"{pool}/deep/../a.jpg",
        f"file:{pool}/a.jpg",
        f"file://{pool}/a.jpg",
        f"file://{pool}/deep/%2e%2e/a.jpg",
        f"FILE://localhost{pool}/%61.jpg",
    ):
        assert fetcher.fetch(uri) == b"inside"
        with fetcher.open(uri) as file:
            assert file.read() == b"inside"
    assert fetcher.fetch(f"{pool}/deep/ä %41.jpg") == b"deep"  # a plain path is not percent-decoded
    assert fetcher.fetch("file://" + quote(f"{pool}/deep/ä %41.jpg")) == b"deep"


def test_names_with_colons_are_names(tmp_path: Path, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("C:", "12:30.jpg", "mailto:x", "c:\\d.jpg"):
        (tmp_path / name).write_bytes(name.encode())
        assert opened().fetch(name) == name.encode()


def test_what_lies_outside_is_refused(pool: Path, opened) -> None:
    (pool / "link").symlink_to(pool.parent / "secret")
    (pool / "folder").symlink_to(pool.parent)
    fetcher = opened(trusted=False, roots=[str(pool)])
    outside = [
        "/etc/passwd", "file:///etc/passwd", "file:/etc/passwd", "FILE:///etc/passwd", "file:///%65tc/passwd",
        f"{pool}/../secret", f"file://{pool}/../secret", f"file://{pool}/%2e%2e/secret", f"{pool}/link",
        f"file://{pool}/%2E%2E%2Fsecret", f"{pool}/folder/secret", f"{pool}side/secret", f"{pool}/../etc",
        f"{pool}/deep/../../secret", "/proc/self/environ", f"/proc/self/root{pool.parent}/secret", "secret",
        "file://other.example/etc/passwd", f"{pool}/missing/../../secret", f"{pool.parent}/missing",
    ]  # fmt: skip
    for uri in outside:
        for method in (fetcher.fetch, fetcher.stamp, fetcher.open, fetcher.local_path):
            with pytest.raises(EgressError):
                method(uri)


def test_a_link_inside_to_inside_is_followed(pool: Path, opened) -> None:
    (pool / "link.jpg").symlink_to("a.jpg")
    assert opened(trusted=False, roots=[str(pool)]).fetch(f"{pool}/link.jpg") == b"inside"


def test_a_root_may_be_a_link_a_file_or_a_pattern(pool: Path, opened) -> None:
    (pool.parent / "alias").symlink_to(pool)
    for root in (
        f"{pool.parent}/alias",
        f"{pool}/a.jpg",
        f"{pool}/*.jpg",
        f"file://{pool}",
        f"{pool}/**/x.jpg",
    ):
        fetcher = opened(trusted=False, roots=[root])
        assert fetcher.fetch(f"{pool}/a.jpg") == b"inside"
        with pytest.raises(EgressError):
            fetcher.fetch(f"{pool.parent}/secret")


def test_nothing_is_open_to_strangers_by_default(pool: Path, opened) -> None:
    with pytest.raises(EgressError, match=r"egress\.roots"):
        opened(trusted=False).fetch(f"{pool}/a.jpg")


def test_roots_of_the_settings_bind_the_trusted_too(pool: Path, opened) -> None:
    assert opened(trusted=True).fetch(f"{pool.parent}/secret") == b"outside"
    bound = opened(trusted=True, open_roots=[str(pool)])
    assert bound.fetch(f"{pool}/a.jpg") == b"inside"
    with pytest.raises(EgressError):
        bound.fetch(f"{pool.parent}/secret")


_PARTS = st.sampled_from(
    ["..", ".", "", "a.jpg", "deep", "secret", "pool", "poolside", "%2e%2e", "%2E.", "..%2f", "%252e%252e",
     "~", "\0", "%00", "....", "..;", "link", "..\\", "\u2025", "\uff0e\uff0e"]
)  # fmt: skip


@given(st.lists(_PARTS, max_size=8), st.sampled_from(["", "file://", "file:", "FILE://localhost"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_no_spelling_leads_outside(pool: Path, opened, parts: list[str], scheme: str) -> None:
    link = pool / "link"
    if not link.is_symlink():
        link.symlink_to(pool.parent)
    uri = scheme + "/".join([str(pool), *parts])
    try:
        content = opened(trusted=False, roots=[str(pool)]).fetch(uri)
    except (FetchError, EgressError):
        return
    assert content == b"inside"


def test_what_is_no_regular_file(pool: Path, opened) -> None:
    os.mkfifo(pool / "pipe")
    (pool / "loop").symlink_to("loop")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(pool / "socket"))
    listener.close()
    fetcher = opened()
    for uri, said in [
        (f"{pool}", "folder"), (f"file://{pool}/", "folder"), (f"{pool}/pipe", "pipe"), ("/dev/zero", "pipe"),
        ("/dev/null", "device"), (f"{pool}/socket", ""), (f"{pool}/loop", "symbolic links"),
        (f"{pool}/missing.jpg", "there is no file"), (f"{pool}/a.jpg/b", "there is no file"),
        (f"{pool}/nul\0.jpg", "not the name"), ("file:///nul%00", "not the name"), ("", "not the name"),
        (f"{pool}/{'x' * 300}", "too long"), ("file:", "not the name"),
    ]:  # fmt: skip
        error = failure(fetcher, uri)
        assert said in error.message
        assert not error.transient
        with pytest.raises(FetchError):
            fetcher.stamp(uri)


def test_a_file_that_may_not_be_read(pool: Path, opened) -> None:
    (pool / "a.jpg").chmod(0)
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    assert "Permission denied" in failure(opened(), f"{pool}/a.jpg").message


def test_too_long_a_file_is_refused(pool: Path, opened) -> None:
    fetcher = opened(limits=LimitSettings(max_item_bytes=6))
    assert fetcher.fetch(f"{pool}/a.jpg") == b"inside"
    (pool / "a.jpg").write_bytes(b"inside!")
    assert "max_item_bytes" in failure(fetcher, f"{pool}/a.jpg").message
    with fetcher.open(f"{pool}/a.jpg") as file:  # a manifest may be longer than an item
        assert file.read() == b"inside!"
    assert "max_item_bytes" in failure(fetcher, "/proc/self/maps").message


def test_files_without_a_size_and_empty_files(pool: Path, opened) -> None:
    (pool / "empty").touch()
    assert opened().fetch(f"{pool}/empty") == b""
    cmdline = Path("/proc/self/cmdline")  # says that its size is 0
    assert opened().fetch(str(cmdline)) == cmdline.read_bytes() != b""


def test_a_stamp_changes_with_the_file(pool: Path, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = opened()
    first = fetcher.stamp(f"{pool}/a.jpg")
    assert first == fetcher.stamp(f"file://{pool}/a.jpg")
    monkeypatch.chdir(pool)
    assert first == fetcher.stamp("a.jpg")
    (pool / "b.jpg").write_bytes(b"inside")
    (pool / "b.jpg").replace(pool / "a.jpg")
    assert first != fetcher.stamp("a.jpg")


def test_a_link_swapped_in_while_judging_gains_nothing(pool: Path, opened) -> None:
    """Somebody who may write inside a root exchanges a folder for a link outwards, again and again."""
    (pool / "x").mkdir()
    (pool / "x" / "secret").write_bytes(b"inside")
    (pool / "y").symlink_to(pool.parent)
    fetcher, stop = opened(trusted=False, roots=[str(pool)]), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for before, after in (("x", "z"), ("y", "x"), ("x", "y"), ("z", "x")):
                (pool / before).rename(pool / after)

    thread = threading.Thread(target=swap)
    thread.start()
    got = set()
    try:
        for _ in range(1500):
            try:
                got.add(fetcher.fetch(f"{pool}/x/secret"))
            except (FetchError, EgressError):
                continue
    finally:
        stop.set()
        thread.join()
    assert got <= {b"inside"}
