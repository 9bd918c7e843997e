"""Jobs in the memory of this process: gone when it ends, and the reference for what a table of jobs means."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from alaas.stores._job_moves import (
    asked_to_stop,
    begun,
    check_key,
    check_room,
    finished,
    has_ended,
    heard,
    is_due,
    no_such_job,
    queued,
    taken_back,
)
from alaas.stores._jobs import JobRow, JobRowState, JobTable, NewJob


@dataclass(kw_only=True)
class _Entry:
    """A row with what only the table looks at: ``ready`` is when its delay ends, ``since`` when it began."""

    row: JobRow
    request: str
    digest: str
    key: str | None
    size: int
    ready: float
    since: float
    result: str | None = None


class MemoryJobTable(JobTable):
    """Rows in a dictionary, under one lock.

    Args:
        now: the store's clock, seconds since 1970.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._entries: dict[str, _Entry] = {}
        self._keys: dict[str, str] = {}
        self._lock = threading.Lock()

    def add(
        self, new: NewJob, *, digest: str, most: int | None, most_bytes: int | None = None
    ) -> tuple[JobRow, bool]:
        """See ``JobTable.add``."""
        with self._lock:
            earlier = self._earlier(new, digest)
            if earlier is not None:
                return earlier.row, False
            waiting = [entry for entry in self._entries.values() if entry.row.state == "queued"]
            size = len(new.request.encode())
            total = sum(entry.size for entry in waiting)
            check_room(len(waiting), total, size, most=most, most_bytes=most_bytes)
            now = self._now()
            entry = _Entry(
                row=queued(new, now),
                request=new.request,
                digest=digest,
                key=new.key,
                size=size,
                ready=now + new.delay if new.delay > 0 else 0.0,
                since=now,
            )
            self._entries[new.id] = entry
            if new.key is not None:
                self._keys[new.key] = new.id
            return entry.row, True

    def get(self, job_id: str) -> JobRow:
        """See ``JobTable.get``."""
        with self._lock:
            return self._entry(job_id).row

    def result(self, job_id: str) -> str | None:
        """See ``JobTable.result``."""
        with self._lock:
            return self._entry(job_id).result

    def recent(self, *, limit: int = 100, group: str | None = None) -> list[JobRow]:
        """See ``JobTable.recent``."""
        with self._lock:
            rows = [entry.row for entry in reversed(self._entries.values())]
        return [row for row in rows if group is None or row.group == group][:limit]

    def claim(self, worker: str, kinds: Collection[str]) -> JobRow | None:
        """See ``JobTable.claim``."""
        with self._lock:
            now = self._now()
            busy = {entry.row.group for entry in self._entries.values() if entry.row.state == "running"}
            for entry in self._entries.values():
                row = entry.row
                waits = row.state == "queued" and row.kind in kinds and is_due(entry.ready, entry.since, now)
                if waits and (row.group is None or row.group not in busy):
                    entry.row = begun(row, worker, now)
                    return replace(entry.row, request=entry.request)
            return None

    def beat(self, job_id: str, attempt: int, *, progress: str | None = None) -> JobRow | None:
        """See ``JobTable.beat``."""
        with self._lock:
            entry = self._held(job_id, attempt)
            if entry is None:
                return None
            entry.row = heard(entry.row, progress)
            return entry.row

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
        with self._lock:
            entry = self._held(job_id, attempt)
            if entry is None:
                return False
            now = self._now()
            self._move(entry, finished(entry.row, state, progress=progress, failure=failure, now=now))
            entry.result = result
            entry.ready, entry.since = (now + delay if delay > 0 else 0.0), now
            return True

    def running(self) -> list[JobRow]:
        """See ``JobTable.running``."""
        with self._lock:
            return [entry.row for entry in self._entries.values() if entry.row.state == "running"]

    def reclaim(self, job_id: str, attempt: int, beat: int, *, attempts: int) -> JobRow | None:
        """See ``JobTable.reclaim``."""
        with self._lock:
            entry = self._held(job_id, attempt)
            if entry is None or entry.row.beat != beat:
                return None
            self._move(entry, taken_back(entry.row, attempts=attempts, now=self._now()))
            entry.ready = 0.0
            return entry.row

    def ask_cancel(self, job_id: str) -> JobRow:
        """See ``JobTable.ask_cancel``."""
        with self._lock:
            entry = self._entry(job_id)
            self._move(entry, asked_to_stop(entry.row, self._now()))
            return entry.row

    def waiting(self) -> int:
        """See ``JobTable.waiting``."""
        with self._lock:
            return sum(entry.row.state == "queued" for entry in self._entries.values())

    def forget(self, *, age: float, keep: int) -> int:
        """See ``JobTable.forget``."""
        with self._lock:
            horizon = self._now() - age
            ended = [entry for entry in self._entries.values() if has_ended(entry.row.state)]
            ended.sort(key=lambda entry: entry.row.ended or 0.0, reverse=True)
            kept: Counter[str] = Counter()
            for entry in ended:
                kept[entry.row.kind] += 1
                if kept[entry.row.kind] > keep or (entry.row.ended or 0.0) < horizon:
                    del self._entries[entry.row.id]
                    if entry.key is not None:
                        del self._keys[entry.key]
            return len(ended) - sum(entry.row.id in self._entries for entry in ended)

    def _entry(self, job_id: str) -> _Entry:
        entry = self._entries.get(job_id)
        if entry is None:
            raise no_such_job(job_id)
        return entry

    def _held(self, job_id: str, attempt: int) -> _Entry | None:
        """The job if this attempt still has it."""
        entry = self._entries.get(job_id)
        holds = entry is not None and entry.row.state == "running" and entry.row.attempt == attempt
        return entry if holds else None

    def _earlier(self, new: NewJob, digest: str) -> _Entry | None:
        """The job that stands for this one already: by its key, or because the same waits."""
        if new.key is not None and new.key in self._keys:
            entry = self._entries[self._keys[new.key]]
            check_key(new.key, entry.row.id, digest, entry.digest)
            return entry
        if not new.unique:
            return None
        for entry in self._entries.values():
            if entry.row.state == "queued" and entry.digest == digest and entry.row.group == new.group:
                return entry
        return None

    def _move(self, entry: _Entry, row: JobRow) -> None:
        """Put the row in; what has ended needs its request no more."""
        entry.row = row
        if has_ended(row.state):
            entry.request, entry.size = "", 0
