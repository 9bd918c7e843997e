"""SQLite when things go wrong: full and read-only disks, other processes, other versions, forks."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from alaas.errors import ConfigError, StoreError
from alaas.stores import NewAnswer, NewItem, Rule
from alaas.stores.sql import Sql
from alaas.types import Item


def new(count: int, *, text: str = "x") -> list[NewItem]:
    return [NewItem(item=Item(id=f"i{number}", text=text)) for number in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[Sql]:
    with Sql.from_url(f"sqlite:///{path}") as opened:
        opened.create_project("p", "{}", actor="me")
        yield opened


def test_only_its_owner_may_read_the_file(store: Sql, path: Path) -> None:
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_labels_are_on_the_disk_before_they_are_acknowledged(store: Sql) -> None:
    with store.database.read() as connection:
        pragma = connection.exec_driver_sql
        assert pragma("PRAGMA journal_mode").scalar() == "wal"
        assert pragma("PRAGMA synchronous").scalar() == 2
        assert pragma("PRAGMA foreign_keys").scalar() == 1


def test_a_relative_path_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Sql.from_url("sqlite:///here.db").close()
    assert (tmp_path / "here.db").exists()


@pytest.mark.parametrize("url", ["sqlite://host/x.db", "sqlite:///x.db?mode=ro", "sqlite:"])
def test_a_url_that_sqlite_cannot_mean_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"sqlite:///PATH"):
        Sql.from_url(url)


def test_when_the_file_may_not_grow_nothing_is_half_written(store: Sql, path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 200_000, before[1]))
    try:
        with pytest.raises(StoreError, match=r"store\.db cannot be used: the disk (fails or )?is full"):
            store.add_items("p", new(5000, text="long " * 50), actor="me")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert store.counts("p").items == 0
    assert store.add_items("p", new(5000, text="long " * 50), actor="me").added == 5000
    store.check()


def test_a_file_that_may_not_be_written_is_still_read(store: Sql) -> None:
    with store.database.write("test") as connection:
        connection.exec_driver_sql("PRAGMA query_only=1")  # root may write everywhere, so SQLite refuses
    with pytest.raises(StoreError, match="it is read-only; let this user write"):
        store.check()
    assert store.project("p").version == 1


def test_a_folder_that_may_not_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StoreError, match=r"store\.db cannot be used: permission denied; let this user"):
        Sql.from_url(f"sqlite:///{tmp_path}/folder/store.db")


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes, " * 1000)
    with pytest.raises(StoreError, match="not a SQLite database; give another path"):
        Sql.from_url(f"sqlite:///{path}")
    assert path.read_text() == "my notes, " * 1000


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alaas.stores.sql._sqlite.network_filesystem", lambda _: "nfs4")
    with pytest.raises(StoreError, match=r"network file system \(nfs4\).*PostgreSQL"):
        Sql.from_url(f"sqlite:///{tmp_path}/store.db")


def test_a_store_of_a_later_version_is_refused_and_left_alone(store: Sql, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match=r"version 9999.*run the newer ALaaS"):
        Sql.from_url(f"sqlite:///{path}")


def test_another_program_that_keeps_it_busy_is_named(store: Sql, path: Path) -> None:
    with store.database.write("test") as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="other processes kept it busy"):
        store.add_items("p", new(1), actor="me")
    other.execute("ROLLBACK")
    other.close()
    assert store.add_items("p", new(1), actor="me").added == 1


def test_many_processes_make_the_tables_once(path: Path) -> None:
    code = "import sys\nfrom alaas.stores.sql import Sql\nSql.from_url(sys.argv[1]).check()"
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, f"sqlite:///{path}"],
            env={"PYTHONPATH": ":".join(sys.path)},
            stderr=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    assert [(child.communicate()[1], child.returncode) for child in children] == [(b"", 0)] * 4


def test_a_fork_has_connections_of_its_own(store: Sql) -> None:
    store.add_items("p", new(2), actor="me")
    child = os.fork()
    if child == 0:
        done = store.tell("p", [NewAnswer(item="i0", annotator="child", value="cat")], rule=Rule())
        os._exit(0 if done[0].outcome == "kept" else 1)
    store.tell("p", [NewAnswer(item="i1", annotator="parent", value="cat")], rule=Rule())
    assert os.waitpid(child, 0)[1] == 0
    assert {row.annotator for row in store.answers("p")} == {"child", "parent"}


def test_readers_do_not_wait_for_a_writer(store: Sql) -> None:
    with store.database.write("test"):
        thread = threading.Thread(target=store.counts, args=("p",))
        thread.start()
        thread.join(5)
        assert not thread.is_alive()


def test_names_that_a_database_cannot_hold_come_back_as_they_were(store: Sql) -> None:
    odd = ["a\x00b", "\udcff.jpg", "\x1b0000", "\x1b", "é", "𝔘"]
    items = [NewItem(item=Item(id=name, text=name, metadata={name: name})) for name in odd]
    store.add_items("p", items, actor="me")
    rows = store.items("p", ids=odd)
    assert [(row.id, row.text, dict(row.metadata)) for row in rows] == [(n, n, {n: n}) for n in odd]
