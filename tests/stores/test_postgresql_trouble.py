"""PostgreSQL when things go wrong: it is away, it hangs, it crashes; and nothing acknowledged is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from alaas.errors import StoreError
from alaas.stores import NewAnswer, NewItem, Rule
from alaas.stores.sql import Sql
from alaas.types import Item
from postgresql import Cluster, cluster

pytestmark = [pytest.mark.external, pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server that writes to the disk as it should, and may be killed."""
    with cluster(durable=True) as own:
        yield own


@pytest.fixture
def store(server: Cluster) -> Iterator[Sql]:
    with Sql.from_url(server.store()) as opened:
        opened.create_project("p", "{}", actor="me")
        opened.add_items("p", [NewItem(item=Item(id=f"i{n}")) for n in range(100)], actor="me")
        yield opened


def tell(store: Sql, item: str, annotator: str = "me") -> str:
    return store.tell("p", [NewAnswer(item=item, annotator=annotator, value="cat")], rule=Rule())[0].outcome


def patience(store: Sql, setting: str, statement: str) -> None:
    """Run a statement that soon takes too long."""
    with store.database.write("test") as connection:
        connection.exec_driver_sql(f"SET LOCAL {setting} = '100ms'")
        connection.exec_driver_sql(statement)


def test_after_a_crash_all_that_was_acknowledged_is_there_and_calls_work_again(
    server: Cluster, store: Sql
) -> None:
    acknowledged: list[str] = []
    refused: list[str] = []

    def work(place: int) -> None:
        for number in range(place, 100, 4):
            try:
                tell(store, f"i{number}")
                acknowledged.append(f"i{number}")
            except StoreError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 10:
        time.sleep(0.001)
    server.kill()
    for thread in threads:
        thread.join()
    assert all("cannot be reached" in why or "try again" in why for why in refused)
    with pytest.raises(StoreError, match="cannot be reached"):
        store.check()
    server.start()
    store.check()
    assert set(acknowledged) <= {answer.item for answer in store.answers("p")}
    assert tell(store, "i99", "you") == "kept"


def test_a_project_that_somebody_holds_for_ever_does_not_hang_us(server: Cluster, store: Sql) -> None:
    with psycopg.connect(server._stores[0]) as blocker:
        blocker.execute("SELECT FROM projects FOR UPDATE")
        began = time.monotonic()
        with pytest.raises(StoreError, match="another call held the project for too long"):
            patience(store, "lock_timeout", "SELECT FROM projects FOR UPDATE")
        assert time.monotonic() - began < 10
        blocker.rollback()
    assert tell(store, "i1") == "kept"


def test_every_statement_has_an_end(store: Sql) -> None:
    with store.database.read() as connection:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert connection.exec_driver_sql(f"SHOW {name}").scalar() not in ("0", None)
    with pytest.raises(StoreError, match="took too long"):
        patience(store, "statement_timeout", "SELECT pg_sleep(5)")


def test_many_processes_make_the_tables_once(server: Cluster) -> None:
    code = "import sys\nfrom alaas.stores.sql import Sql\nSql.from_url(sys.argv[1]).check()"
    url = server.database()
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, url],
            env={"PYTHONPATH": ":".join(sys.path)},
            stderr=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    assert [(child.communicate()[1], child.returncode) for child in children] == [(b"", 0)] * 3


def test_whoever_reads_the_log_in_order_misses_no_line(server: Cluster, store: Sql) -> None:
    with Sql.from_url(server._stores[0]) as other:
        for name in "abcd":
            store.create_project(name, "{}", actor="me")
        ended = threading.Event()

        def work(name: str, own: Sql) -> None:
            for number in range(25):
                own.add_items(name, [NewItem(item=Item(id=f"i{number}"))], actor="me")

        threads = [
            threading.Thread(target=work, args=(name, own))
            for name, own in zip("abcd", (store, other, store, other), strict=True)
        ]
        for thread in threads:
            thread.start()
        seen: list[int] = []
        while not ended.is_set() or store.log(after=seen[-1] if seen else 0):
            if not any(thread.is_alive() for thread in threads):
                ended.set()
            seen += [entry.sequence for entry in store.log(after=seen[-1] if seen else 0)]
        assert seen == [entry.sequence for entry in store.log()]


def test_a_database_in_another_encoding_is_refused(server: Cluster) -> None:
    url = server.database("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="createdb -E UTF8"):
        Sql.from_url(url)


def test_no_message_holds_the_password(server: Cluster) -> None:
    url = f"postgresql://alaas:hunter2@127.0.0.1:{server.port}/nowhere"
    with pytest.raises(StoreError, match="no database of that name; create it with createdb") as caught:
        Sql.from_url(url)
    assert "hunter2" not in str(caught.value)
