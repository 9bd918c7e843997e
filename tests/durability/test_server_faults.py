"""A server whose disk is full or whose database is away says so, loses nothing, and goes on by itself."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from served import Served, Tellers, check_labels, plain_environment, served, tellers, until

from alaas.errors import StoreError
from alaas.stores import open_store
from postgresql import cluster

pytestmark = [pytest.mark.slow, pytest.mark.external, pytest.mark.timeout(180)]

ANYTHING = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def through(server: Served, clients: Tellers, hurt: Callable[[], None], heal: Callable[[], None]) -> None:
    """Clients at work, a fault, clients that are told of it, the end of the fault, clients at work again."""
    clients.more(20)
    assert server.ready().status_code == 200
    hurt()
    told = len(clients.errors)
    until(lambda: len(clients.errors) >= told + 4)
    until(lambda: server.ready().status_code == 503)
    reasons = server.ready().json()["reasons"]
    assert any(reason.startswith(("store: ", "disk: ")) for reason in reasons), reasons
    heal()
    clients.more(40)
    until(lambda: server.ready().status_code == 200)


def check_errors(server: Served, clients: Tellers, sentence: str) -> None:
    """Each was a 503 of the store, in words for people."""
    assert {(error.status, error.remote_code) for error in clients.errors} == {(503, "store")}, [
        line for line in server.log if "exception" in line
    ]
    said = {error.message for error in clients.errors}
    assert any(sentence in one for one in said), said
    assert not any("Traceback" in one or "sqlalche" in one for one in said), said


def test_a_disk_that_takes_nothing_for_a_while(tmp_path: Path) -> None:
    """No file of the server may grow; what was acknowledged is there, and it goes on by itself."""
    store = f"sqlite:///{tmp_path}/alaas.db"
    with served(tmp_path, store) as server, tellers(server.url) as clients:
        through(
            server,
            clients,
            lambda: resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)),
            lambda: resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, ANYTHING),
        )
    check_errors(server, clients, "the disk")
    check_labels(store, clients.told)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of sixteen megabytes in memory; skips where none may be mounted."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16M", "none", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


def test_a_disk_that_is_full_for_a_while(tmp_path: Path, disk: Path) -> None:
    """Somebody else's file takes the rest of the disk, and is deleted."""
    store, other = f"sqlite:///{disk}/alaas.db", disk / "other"

    def fill() -> None:
        with other.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"x" * 4096):
                pass

    with served(tmp_path, store) as server, tellers(server.url) as clients:
        through(server, clients, fill, other.unlink)
    check_errors(server, clients, "the disk is full; make room")
    check_labels(store, clients.told)


def test_a_store_on_a_read_only_disk_is_refused_in_one_sentence(tmp_path: Path, disk: Path) -> None:
    """The server does not start, and says what is the matter instead of how it broke."""
    url = f"sqlite:///{disk}/alaas.db"
    open_store(url).close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    config = tmp_path / "alaas.yaml"
    config.write_text(f"store: {url}\nserver: {{port: 0}}\n")
    ended = subprocess.run(
        [sys.executable, "-m", "alaas", "serve", str(config)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=plain_environment(),
    )
    assert ended.returncode == 1
    assert "read-only" in ended.stderr
    assert "Traceback" not in ended.stderr
    with pytest.raises(StoreError, match="read-only"):
        open_store(url)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_database_that_is_away_for_a_while(tmp_path: Path, how: str) -> None:
    """It is shut down, or crashes; either way it comes back with all that was acknowledged."""
    with cluster(durable=True) as database:
        store = database.database()
        with served(tmp_path, store) as server, tellers(server.url) as clients:
            through(server, clients, getattr(database, how), database.start)
        check_errors(server, clients, "cannot be used")
        check_labels(store, clients.told)
