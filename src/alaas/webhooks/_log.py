"""The store's log as what is to be delivered: it is written in the transaction of the change itself.

Nothing that was committed can therefore be missing from it, whatever dies when, and its sequence is the order
of deliveries. How far each receiver has come stands in it too, in entries of the verb ``webhook``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from alaas.errors import ProjectNotFoundError
from alaas.stores import LogEntry, Store
from alaas.types import JSON
from alaas.webhooks._events import (
    BatchCreated,
    Event,
    JobFinished,
    LabelsTold,
    ProjectCreated,
    ProjectFinished,
    RoundFinished,
)

PAGE = 1000
SETTLING = 10.0
"""Seconds that a gap in the sequence may still be filled: on PostgreSQL a transaction that began earlier may
commit later than one with a higher number."""

_STANDING = "webhook"
_ACTOR = "alaas"


def settled(store: Store, after: int) -> Iterator[LogEntry]:
    """The log after ``after``, as far as nothing can come in between any more."""
    expected = after + 1
    while True:
        page = store.log(after=after, limit=PAGE)
        for entry in page:
            if entry.sequence != expected and store.now() - entry.at < SETTLING:
                return
            yield entry
            after, expected = entry.sequence, entry.sequence + 1
        if len(page) < PAGE:
            return


def before(store: Store, moment: float) -> int:
    """The sequence after which the log's entries are of ``moment`` or later; some forty look-ups at most."""

    def is_early(sequence: int) -> bool:
        found = store.log(after=sequence, limit=1)
        return bool(found) and found[0].at < moment

    if not is_early(0):
        return 0
    low, high = 0, 1
    while is_early(high):
        low, high = high, 2 * high
    while high - low > 1:  # early at low, not at high
        middle = (low + high) // 2
        low, high = (middle, high) if is_early(middle) else (low, middle)
    return high


def last_standing(store: Store, receiver: str, after: int) -> int | None:
    """How far a receiver is, by the latest entry after ``after`` that says so; None if none does."""
    found = None
    while page := store.log(after=after, limit=PAGE):
        for entry in page:
            if entry.verb == _STANDING and entry.subject == receiver:
                found = int(json.loads(entry.detail)["through"])
        after = page[-1].sequence
    return found


def write_standing(store: Store, receiver: str, through: int) -> None:
    """Write down that a receiver needs nothing more of what comes up to ``through``."""
    detail = json.dumps({"through": through})
    store.note(project=None, actor=_ACTOR, verb=_STANDING, subject=receiver, detail=detail)


def write_event(store: Store, event: ProjectFinished | JobFinished) -> None:
    """Write an event into the log that no change of the store stands for."""
    subject = event.job if isinstance(event, JobFinished) else event.project
    detail = {name: getattr(event, name) for name in event.__slots__ if name != "project"}
    store.note(
        project=event.project, actor=_ACTOR, verb=event.kind, subject=subject, detail=json.dumps(detail)
    )


def event_of(entry: LogEntry, store: Store) -> Event | None:
    """The event that an entry stands for; None for one that receivers are not told of."""
    detail: dict[str, JSON] = json.loads(entry.detail)
    project = entry.project or ""
    match _KINDS.get(entry.verb):
        case ProjectCreated.kind:
            return ProjectCreated(project=project, actor=entry.actor)
        case BatchCreated.kind:
            return BatchCreated(
                project=project, batch=entry.subject, annotator=entry.actor, items=_number(detail, "items")
            )
        case LabelsTold.kind:
            return LabelsTold(
                project=project,
                annotators=tuple(entry.actor.split(",")),
                kept=_number(detail, "kept"),
                revised=_number(detail, "revised"),
            )
        case RoundFinished.kind:
            return _round(entry, detail, store)
        case ProjectFinished.kind:
            return ProjectFinished(
                project=project, reason=str(detail["reason"]), labels=_number(detail, "labels")
            )
        case JobFinished.kind:
            failure = detail["failure"]
            return JobFinished(
                project=entry.project,
                job=entry.subject,
                work=str(detail["work"]),
                state=str(detail["state"]),
                failure=None if failure is None else str(failure),
            )
        case _:
            return None


_KINDS = {
    "project.create": ProjectCreated.kind,
    "batch.hand-out": BatchCreated.kind,
    "answers.tell": LabelsTold.kind,
    "round.add": RoundFinished.kind,
    ProjectFinished.kind: ProjectFinished.kind,
    JobFinished.kind: JobFinished.kind,
}
"""From the log's verbs to kinds of events."""


def _round(entry: LogEntry, detail: dict[str, JSON], store: Store) -> RoundFinished:
    number = int(entry.subject)
    try:
        rows = store.rounds(entry.project or "", after=number - 1, limit=1)
    except ProjectNotFoundError:  # the project is deleted by now; what the log says is still true
        rows = []
    return RoundFinished(
        project=entry.project or "",
        round=number,
        labels=_number(detail, "labels"),
        fitted=bool(detail.get("fitted")),
        summary=json.loads(rows[0].summary) if rows and rows[0].through == detail.get("through") else {},
    )


def _number(detail: dict[str, JSON], name: str) -> int:
    value = detail.get(name)
    return value if isinstance(value, int) else 0
