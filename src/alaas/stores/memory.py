"""The store in this process: nothing outlasts it, and it says what the contract means."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import islice
from typing import ClassVar, Self

from alaas.errors import (
    ConfigError,
    ProjectConflictError,
    ProjectNotFoundError,
    RoundNotFoundError,
    VersionError,
)
from alaas.stores import _memory_answers, _memory_batches, _memory_items
from alaas.stores._base import Store
from alaas.stores._jobs import JobTable
from alaas.stores._keys import KeyTable
from alaas.stores._memory_keys import MemoryKeyTable
from alaas.stores._memory_records import ProjectRecord
from alaas.stores._memory_streams import MemoryStreamTable
from alaas.stores._streams import StreamTable
from alaas.stores._words import (
    Added,
    AnswerRow,
    BatchRow,
    Counts,
    Decided,
    Finding,
    ItemRole,
    ItemRow,
    ItemState,
    LogEntry,
    NewAnswer,
    NewBatch,
    NewItem,
    NewRound,
    ProjectRow,
    Receipt,
    RoundRow,
    Rule,
    Snapshot,
)
from alaas.types import JSON


class Memory(Store):
    """Keeps everything in plain Python objects under one lock.

    Args:
        clock: gives the time in seconds since 1970.
    """

    schemes: ClassVar[tuple[str, ...]] = ("memory",)

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._latest = 0.0
        self._lock = threading.RLock()
        self._projects: dict[str, ProjectRecord] = {}
        self._log: list[LogEntry] = []
        self._jobs: JobTable | None = None
        self._keys = MemoryKeyTable(self.now, self._note_key)
        self._streams = MemoryStreamTable(self, self._lock, self._find)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """A new and empty store; there is nothing that the URL could say besides ``memory:``."""
        if url not in ("memory:", "memory://"):
            raise ConfigError("a store in memory has no host, path or options; write memory:")
        return cls()

    @property
    def shared(self) -> bool:
        """Never: it lives in this process."""
        return False

    def now(self) -> float:
        with self._lock:
            self._latest = max(self._latest, self._clock())
            return self._latest

    @property
    def jobs(self) -> JobTable:
        from alaas.stores._memory_jobs import MemoryJobTable

        with self._lock:
            if self._jobs is None:
                # The raw clock: a delay must not wait for a clock that was set back.
                self._jobs = MemoryJobTable(self._clock)
            return self._jobs

    @property
    def keys(self) -> KeyTable:
        return self._keys

    @property
    def streams(self) -> StreamTable:
        return self._streams

    def create_project(self, name: str, definition: str, *, actor: str, key: str | None = None) -> ProjectRow:
        with self._lock:
            if name in self._projects:
                raise ProjectConflictError(f"there is a project {name!r} already; choose another name")
            now = self.now()
            row = ProjectRow(name=name, definition=definition, version=1, created=now, changed=now)
            self._projects[name] = ProjectRecord(row=row)
            self._note(
                name, actor, "project.create", name, version=1, **({} if key is None else {"key": key})
            )
            return row

    def project(self, name: str) -> ProjectRow:
        with self._lock:
            return self._find(name).row

    def projects(self, *, after: str = "", limit: int = 100) -> list[ProjectRow]:
        with self._lock:
            names = sorted(name for name in self._projects if name > after)
            return [self._projects[name].row for name in names[: max(limit, 0)]]

    def change_project(self, name: str, definition: str, *, version: int, actor: str) -> ProjectRow:
        with self._lock:
            project = self._find(name)
            at = project.row.version
            if at != version:
                raise VersionError(
                    f"project {name!r} is at version {at}, not {version}; read it again and repeat the change"
                )
            project.row = replace(project.row, definition=definition, version=version + 1, changed=self.now())
            self._note(name, actor, "project.change", name, version=version + 1)
            return project.row

    def delete_project(self, name: str, *, actor: str) -> None:
        with self._lock:
            self._find(name)
            del self._projects[name]
            self._note(name, actor, "project.delete", name)

    def add_items(self, project: str, items: Sequence[NewItem], *, actor: str) -> Added:
        with self._lock:
            added = _memory_items.add(self._find(project), items)
            if added.added:
                self._note(project, actor, "items.add", project, added=added.added, known=added.known)
            return added

    def items(
        self,
        project: str,
        *,
        after: int = -1,
        limit: int = 1000,
        states: Collection[ItemState] | None = None,
        ids: Sequence[str] | None = None,
        numbers: Sequence[int] | None = None,
        role: ItemRole | None = None,
    ) -> list[ItemRow]:
        with self._lock:
            return _memory_items.find(
                self._find(project),
                after=after,
                limit=limit,
                states=states,
                ids=ids,
                numbers=numbers,
                role=role,
            )

    def settle(self, project: str, findings: Sequence[Finding]) -> None:
        with self._lock:
            settled = _memory_items.settle(self._find(project), findings)
            if settled:
                self._note(project, "alaas", "items.settle", project, items=settled)

    def snapshot(self, project: str, annotator: str, *, rule: Rule) -> Snapshot:
        with self._lock:
            return _memory_items.snapshot(self._find(project), annotator, rule=rule, now=self.now())

    def hand_out(self, project: str, batch: NewBatch, *, rule: Rule, budget: int | None) -> BatchRow:
        with self._lock:
            found, now = self._find(project), self.now()
            if batch.id not in found.batches:
                _memory_batches.hand_out(found, batch, rule=rule, budget=budget, now=now)
                self._note(project, batch.annotator, "batch.hand-out", batch.id, items=len(batch.numbers))
            return found.batch(batch.id).row(now)

    def batch(self, project: str, batch_id: str) -> BatchRow:
        with self._lock:
            return self._find(project).batch(batch_id).row(self.now())

    def candidates(self, project: str, batch_id: str) -> bytes:
        with self._lock:
            return self._find(project).batch(batch_id).new.candidates

    def batches(
        self, project: str, *, after: int = -1, limit: int = 100, annotator: str | None = None
    ) -> list[BatchRow]:
        with self._lock:
            now = self.now()
            matching = (
                batch.row(now)
                for batch in self._find(project).batches.values()
                if batch.ordinal > after and annotator in (None, batch.new.annotator)
            )
            return list(islice(matching, max(limit, 0)))

    def extend(
        self, project: str, batch_id: str, lease: float, *, rule: Rule, budget: int | None, actor: str
    ) -> BatchRow:
        with self._lock:
            found, now = self._find(project), self.now()
            batch = found.batch(batch_id)
            held = _memory_batches.extend(found, batch, lease, rule=rule, budget=budget, now=now)
            self._note(project, actor, "batch.extend", batch_id, items=held, until=batch.until)
            return batch.row(now)

    def release(
        self, project: str, batch_id: str, items: Sequence[str] | None = None, *, actor: str
    ) -> BatchRow:
        with self._lock:
            batch, now = self._find(project).batch(batch_id), self.now()
            given = _memory_batches.release(batch, items, now=now)
            if given:
                self._note(project, actor, "batch.release", batch_id, items=given)
            return batch.row(now)

    def tell(self, project: str, answers: Sequence[NewAnswer], *, rule: Rule) -> list[Receipt]:
        with self._lock:
            receipts = _memory_answers.tell(self._find(project), answers, rule=rule, now=self.now())
            outcomes = [receipt.outcome for receipt in receipts]
            written = {
                answer.annotator
                for answer, outcome in zip(answers, outcomes, strict=True)
                if outcome in ("kept", "revised")
            }
            if written:
                self._note(
                    project,
                    ",".join(sorted(written)),
                    "answers.tell",
                    project,
                    kept=outcomes.count("kept"),
                    revised=outcomes.count("revised"),
                    refused=outcomes.count("refused"),
                )
            return receipts

    def answers(
        self, project: str, *, after: int = 0, limit: int = 1000, items: Sequence[str] | None = None
    ) -> list[AnswerRow]:
        with self._lock:
            wanted = None if items is None else set(items)
            newer = islice(self._find(project).answers, max(after, 0), None)
            matching = (row for row in newer if wanted is None or row.item in wanted)
            return list(islice(matching, max(limit, 0)))

    def decided(self, project: str, *, role: ItemRole = "pool") -> list[Decided]:
        with self._lock:
            return _memory_answers.decided(self._find(project), role=role)

    def counts(self, project: str, *, holds: bool = True) -> Counts:
        with self._lock:
            return _memory_answers.counts(self._find(project), now=self.now(), holds=holds)

    def add_round(self, project: str, new: NewRound, *, actor: str) -> RoundRow:
        with self._lock:
            rounds = self._find(project).rounds
            row = RoundRow(
                number=len(rounds) + 1,
                created=self.now(),
                through=new.through,
                labels=new.labels,
                summary=new.summary,
                fitted=new.model is not None,
            )
            rounds.append((row, new.model))
            self._note(
                project,
                actor,
                "round.add",
                str(row.number),
                through=row.through,
                labels=row.labels,
                fitted=row.fitted,
            )
            return row

    def rounds(self, project: str, *, after: int = 0, limit: int = 1000) -> list[RoundRow]:
        with self._lock:
            newer = islice(self._find(project).rounds, max(after, 0), None)
            return [row for row, _ in islice(newer, max(limit, 0))]

    def last_round(self, project: str, *, fitted: bool = False) -> RoundRow | None:
        with self._lock:
            rounds = reversed(self._find(project).rounds)
            return next((row for row, _ in rounds if row.fitted or not fitted), None)

    def model(self, project: str, number: int) -> bytes:
        with self._lock:
            rounds = self._find(project).rounds
            model = rounds[number - 1][1] if 1 <= number <= len(rounds) else None
            if model is None:
                raise RoundNotFoundError(f"project {project!r} has no round {number} with a model")
            return model

    def log(self, project: str | None = None, *, after: int = 0, limit: int = 1000) -> list[LogEntry]:
        with self._lock:
            newer = islice(self._log, max(after, 0), None)
            matching = (entry for entry in newer if project in (None, entry.project))
            return list(islice(matching, max(limit, 0)))

    def note(self, *, project: str | None, actor: str, verb: str, subject: str, detail: str = "{}") -> None:
        with self._lock:
            entry = LogEntry(
                sequence=len(self._log) + 1,
                at=self.now(),
                project=project,
                actor=actor,
                verb=verb,
                subject=subject,
                detail=detail,
            )
            self._log.append(entry)

    def check(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def _find(self, name: str) -> ProjectRecord:
        if name not in self._projects:
            raise ProjectNotFoundError(name)
        return self._projects[name]

    def _note_key(self, actor: str, verb: str, name: str) -> None:
        self.note(project=None, actor=actor, verb=verb, subject=name)

    def _note(self, project: str, actor: str, verb: str, subject: str, **detail: JSON) -> None:
        self.note(project=project, actor=actor, verb=verb, subject=subject, detail=json.dumps(detail))
