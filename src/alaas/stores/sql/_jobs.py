"""Jobs in a database, shared by every process that opens it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from alaas.stores._job_moves import (
    asked_to_stop,
    begun,
    check_key,
    check_room,
    finished,
    heard,
    no_such_job,
    queued,
    taken_back,
)
from alaas.stores._jobs import JobRow, JobRowState, JobTable, NewJob
from alaas.stores.sql._database import Database
from alaas.stores.sql._job_queries import (
    SHOWN,
    add_row,
    forgettable,
    put_row,
    row_of,
    waiting_now,
    waits,
)
from alaas.stores.sql._job_tables import documents, jobs

_ADDING = 0x6A6F6273  # "jobs"; any number that other programs are unlikely to use
_TURNS = 5


class SqlJobTable(JobTable):
    """Rows of two tables, a job's documents apart from the rest.

    In PostgreSQL claims skip the rows that others are claiming, and what is left of the race for a group is
    decided by a unique index. Jobs are added one after another, because their number is bounded and equal
    ones are one. SQLite has one writer anyway.

    Args:
        database: where the tables are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, new: NewJob, *, digest: str, most: int | None, most_bytes: int | None = None
    ) -> tuple[JobRow, bool]:
        """See ``JobTable.add``."""

        def work(connection: Connection) -> tuple[JobRow, bool]:
            if self._database.dialect == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_ADDING)))
            earlier = _earlier(connection, new, digest)
            if earlier is not None:
                return earlier, False
            size, now = len(new.request.encode("utf-8", "surrogatepass")), self._database.clock(connection)
            waiting, waiting_bytes = waiting_now(connection)
            check_room(waiting, waiting_bytes, size, most=most, most_bytes=most_bytes)
            row = queued(new, now)
            ready = now + new.delay if new.delay > 0 else 0.0
            add_row(connection, row, new, digest=digest, size=size, ready=ready, since=now)
            return row, True

        return self._database.change("add-job", work)

    def get(self, job_id: str) -> JobRow:
        """See ``JobTable.get``."""
        with self._database.read() as connection:
            found = connection.execute(select(*SHOWN).where(jobs.c.id == job_id)).one_or_none()
        if found is None:
            raise no_such_job(job_id)
        return row_of(found)

    def result(self, job_id: str) -> str | None:
        """See ``JobTable.result``."""
        with self._database.read() as connection:
            found = connection.execute(
                select(documents.c.result)
                .join(jobs, jobs.c.number == documents.c.number)
                .where(jobs.c.id == job_id)
            ).one_or_none()
        if found is None:
            raise no_such_job(job_id)
        return None if found.result is None else str(found.result)

    def recent(self, *, limit: int = 100, group: str | None = None) -> list[JobRow]:
        """See ``JobTable.recent``."""
        wanted = select(*SHOWN).order_by(jobs.c.number.desc()).limit(limit)
        if group is not None:
            wanted = wanted.where(jobs.c.group_name == group)
        with self._database.read() as connection:
            return [row_of(found) for found in connection.execute(wanted)]

    def claim(self, worker: str, kinds: Collection[str]) -> JobRow | None:
        """See ``JobTable.claim``."""
        # Most looks find nothing; they shall not stand in line with those who write.
        with self._database.read() as connection:
            if connection.execute(waits(kinds, self._database.clock(connection))).first() is None:
                return None

        def work(connection: Connection) -> JobRow | None:
            now = self._database.clock(connection)
            wanted = waits(kinds, now).with_for_update(skip_locked=True, of=jobs)
            found = connection.execute(wanted).first()
            if found is None:
                return None
            before = row_of(found)
            after = begun(before, worker, now)
            put_row(connection, found.number, before, after)
            request = select(documents.c.request).where(documents.c.number == found.number)
            return replace(after, request=connection.execute(request).scalar_one())

        for _ in range(_TURNS):
            try:
                return self._database.change("claim", work)
            except IntegrityError:
                continue  # another job of the group was begun at the same moment
        return None

    def beat(self, job_id: str, attempt: int, *, progress: str | None = None) -> JobRow | None:
        """See ``JobTable.beat``."""
        return self._move("beat", job_id, attempt, lambda row, _now: heard(row, progress))

    def finish(
        self,
        job_id: str,
        attempt: int,
        state: JobRowState,
        *,
        result: str | None = None,
        failure: str | None = None,
        progress: str | None = None,
        delay: float = 0.0,
    ) -> bool:
        """See ``JobTable.finish``."""

        def end(row: JobRow, now: float) -> JobRow:
            return finished(row, state, progress=progress, failure=failure, now=now)

        return self._move("finish", job_id, attempt, end, result=result, delay=delay) is not None

    def running(self) -> list[JobRow]:
        """See ``JobTable.running``."""
        with self._database.read() as connection:
            wanted = select(*SHOWN).where(jobs.c.state == "running").order_by(jobs.c.number)
            return [row_of(found) for found in connection.execute(wanted)]

    def reclaim(self, job_id: str, attempt: int, beat: int, *, attempts: int) -> JobRow | None:
        """See ``JobTable.reclaim``."""

        def take_back(row: JobRow, now: float) -> JobRow | None:
            return taken_back(row, attempts=attempts, now=now) if row.beat == beat else None

        return self._move("reclaim", job_id, attempt, take_back)

    def ask_cancel(self, job_id: str) -> JobRow:
        """See ``JobTable.ask_cancel``."""
        row = self._move("ask-cancel", job_id, None, asked_to_stop)
        if row is None:
            raise no_such_job(job_id)
        return row

    def waiting(self) -> int:
        """See ``JobTable.waiting``."""
        with self._database.read() as connection:
            return waiting_now(connection)[0]

    def forget(self, *, age: float, keep: int) -> int:
        """See ``JobTable.forget``."""
        with self._database.read() as connection:
            horizon = self._database.clock(connection) - age
            numbers = list(connection.execute(forgettable(horizon, keep).limit(1000)).scalars())
        if not numbers:
            return 0

        def work(connection: Connection) -> int:
            return connection.execute(delete(jobs).where(jobs.c.number.in_(numbers))).rowcount

        return self._database.change("forget-jobs", work)

    def _move(
        self,
        name: str,
        job_id: str,
        attempt: int | None,
        move: Callable[[JobRow, float], JobRow | None],
        *,
        result: str | None = None,
        delay: float = 0.0,
    ) -> JobRow | None:
        """Move a job, if this attempt has it (None: whoever has it); None if not, or if ``move`` refuses."""

        def work(connection: Connection) -> JobRow | None:
            wanted = select(*SHOWN).where(jobs.c.id == job_id)
            if attempt is not None:
                wanted = wanted.where(jobs.c.state == "running", jobs.c.attempt == attempt)
            found = connection.execute(wanted.with_for_update(of=jobs)).one_or_none()
            if found is None:
                return None
            before, now = row_of(found), self._database.clock(connection)
            after = move(before, now)
            if after is None:
                return None
            waits_again = before.state == "running" and after.state == "queued"
            ready = {"ready": now + delay if delay > 0 else 0.0, "since": now} if waits_again else {}
            put_row(connection, found.number, before, after, ready)
            if result is not None:
                kept = update(documents).where(documents.c.number == found.number)
                connection.execute(kept.values(result=result))
            return after

        return self._database.change(name, work)


def _earlier(connection: Connection, new: NewJob, digest: str) -> JobRow | None:
    """The job that stands for this one already: by its key, or because the same waits."""
    if new.key is not None:
        found = connection.execute(select(*SHOWN, jobs.c.digest).where(jobs.c.key == new.key)).one_or_none()
        if found is not None:
            check_key(new.key, found.id, digest, found.digest)
            return row_of(found)
    if not new.unique:
        return None
    same = (
        select(*SHOWN)
        .where(
            jobs.c.state == "queued",
            jobs.c.digest == digest,
            jobs.c.group_name.is_not_distinct_from(new.group),
        )
        .order_by(jobs.c.number)
        .limit(1)
    )
    found = connection.execute(same).first()
    return None if found is None else row_of(found)
