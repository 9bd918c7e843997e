"""A throw-away PostgreSQL server for tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from alaas.stores.sql import Sql

_WHERE = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
_HOW = (
    "these tests need PostgreSQL's server programs (initdb, postgres): install them, on Debian with apt-get "
    "install postgresql, put them on PATH, or leave the tests out with ALAAS_TESTS_POSTGRESQL=skip"
)


class Cluster:
    """A server on a free port of this machine, with its data in a folder of its own."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder = folder
        self._durable = durable
        self._stores: list[str] = []
        self._programs = _programs()
        self._user = {"user": "postgres"} if os.getuid() == 0 else {}
        if self._user:  # the server refuses to run as root
            shutil.chown(folder, "postgres")
        self._run(
            "initdb", "-D", str(folder / "data"), "-U", "alaas", "--auth=trust", "-E", "UTF8", "--no-sync"
        )
        self.port = _free_port()
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        options = [f"-p {self.port}", f"-k {self.folder}", "-h 127.0.0.1", "-c max_connections=200"]
        if not self._durable:
            options += ["-c fsync=off", "-c full_page_writes=off"]
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", self._data, "-l", log, "-w", "-t", "60", "-o", " ".join(options), "start")

    def stop(self) -> None:
        """Stop the server in good order, without waiting for those who are connected."""
        self._run("pg_ctl", "-D", self._data, "-m", "fast", "-w", "stop")

    def kill(self) -> None:
        """Kill the server and all its processes."""
        processes = self._processes()
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_runs(process) for process in processes):
            time.sleep(0.01)
        # Where nobody collects the dead, the next server would take the first process to be alive.
        for lock in ("data/postmaster.pid", f".s.PGSQL.{self.port}.lock"):
            (self.folder / lock).unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        """The first process, and its children."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [first, *map(int, Path(f"/proc/{first}/task/{first}/children").read_text().split())]

    def database(self, options: str = "") -> str:
        """The URL of a new and empty database; ``options`` of SQL's CREATE DATABASE."""
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} {options}")
        return self._url(name)

    def store(self, place: int = 0) -> str:
        """The URL of a database with the store's tables, all empty: the same database for the same place."""
        while len(self._stores) <= place:
            self._stores.append(self.database())
            Sql.from_url(self._stores[-1]).close()
        url = self._stores[place]
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            names = ", ".join(name for (name,) in found if name != "alembic_version")
            connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        return url

    def _url(self, name: str) -> str:
        return f"postgresql://alaas@127.0.0.1:{self.port}/{name}"

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, program: str, *arguments: str) -> None:
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [str(self._programs / program), *arguments],
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            **self._user,  # type: ignore[arg-type]
        )
        log = self.folder / "log"
        lines = log.read_text()[-2000:] if log.exists() else ""
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}{lines}"


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A server that is gone at the end. One that is not ``durable`` is faster, and loses data in a crash."""
    if os.environ.get("ALAAS_TESTS_POSTGRESQL") == "skip":
        pytest.skip("ALAAS_TESTS_POSTGRESQL=skip")
    with tempfile.TemporaryDirectory(prefix="alaas-pg-", ignore_cleanup_errors=True) as folder:
        server = Cluster(Path(folder), durable=durable)
        try:
            yield server
        finally:
            with contextlib.suppress(FileNotFoundError):  # a test may have left it stopped
                server.kill()


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _programs() -> Path:
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    if not _WHERE:
        pytest.fail(_HOW)
    return _WHERE[-1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
