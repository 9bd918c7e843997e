"""Items of the store in memory: adding, finding, settling, and what may be handed out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

import numpy as np

from alaas.stores._memory_records import ItemRecord, ProjectRecord
from alaas.stores._words import (
    Added,
    Finding,
    ItemRole,
    ItemRow,
    ItemState,
    NewItem,
    Rule,
    Snapshot,
    duplicate_of,
)


def add(project: ProjectRecord, items: Sequence[NewItem]) -> Added:
    """See ``Store.add_items``."""
    records: dict[str, ItemRecord] = {}
    for new in items:
        if new.item.id not in project.by_id and new.item.id not in records:
            records[new.item.id] = ItemRecord.of(len(project.items) + len(records), new)
    project.items.extend(records.values())
    project.by_id.update(records)
    return Added(added=len(records), known=len(items) - len(records))


def find(
    project: ProjectRecord,
    *,
    after: int,
    limit: int,
    states: Collection[ItemState] | None,
    ids: Sequence[str] | None,
    numbers: Sequence[int] | None,
    role: ItemRole | None,
) -> list[ItemRow]:
    """See ``Store.items``."""
    chosen: Iterable[ItemRecord] = project.after(after)
    if ids is not None:
        named = {project.by_id[name].number for name in ids if name in project.by_id}
        chosen = [project.items[number] for number in sorted(named) if number > after]
    if numbers is not None:
        numbered = {number for number in numbers if 0 <= number < len(project.items) and number > after}
        both = numbered if ids is None else numbered & named
        chosen = [project.items[number] for number in sorted(both)]
    matching = (
        item for item in chosen if (states is None or item.state in states) and role in (None, item.role)
    )
    return [item.seen() for item in islice(matching, max(limit, 0))]


def settle(project: ProjectRecord, findings: Sequence[Finding]) -> int:
    """See ``Store.settle``; says how many findings were about items that are there."""
    known = [finding for finding in findings if 0 <= finding.number < len(project.items)]
    for finding in known:
        item = project.items[finding.number]
        fresh = item.state in ("new", "failed")
        if finding.digest is not None:
            twin = _twin(project, item, finding.digest) if fresh else None
            _remember(project, item, finding.digest)
            if fresh:
                settled: ItemState = "pool" if item.role == "pool" else "labelled"
                item.state = settled if twin is None else "duplicate"
                item.reason = None if twin is None else duplicate_of(twin.id)
        elif finding.failure is not None and fresh:
            item.state, item.reason = "failed", finding.failure
    return len(known)


def _twin(project: ProjectRecord, item: ItemRecord, digest: bytes) -> ItemRecord | None:
    """The lowest numbered other item of its role that has the digest, and is sound and no duplicate."""
    twins = (
        other
        for other in project.digests.get((item.role, digest), ())
        if other is not item and other.state not in ("new", "failed", "duplicate")
    )
    return min(twins, key=lambda other: other.number, default=None)


def _remember(project: ProjectRecord, item: ItemRecord, digest: bytes) -> None:
    """Give the item its digest."""
    if item.digest == digest:
        return
    if item.digest is not None:
        project.digests[item.role, item.digest].remove(item)
    item.digest = digest
    project.digests.setdefault((item.role, digest), []).append(item)


def snapshot(project: ProjectRecord, annotator: str, *, rule: Rule, now: float) -> Snapshot:
    """See ``Store.snapshot``."""
    free = [item for item in project.items if item.available()]
    return Snapshot(
        numbers=np.array([item.number for item in free], np.int64),
        costs=np.array([item.cost for item in free], np.float64),
        wanted=np.array([item.wanted(rule.annotators, now) for item in free], np.int16),
        touched=np.array([item.touched(annotator, now) for item in free], np.bool_),
        begun=np.array([item.begun() for item in free], np.bool_),
        spent=project.spent(now),
        batches=len(project.batches),
    )
