"""From a source to the store."""

from __future__ import annotations

import base64
import itertools
import threading
import time
from collections.abc import Iterable, Iterator

from alaas.config import TaskSettings
from alaas.errors import CancelledError, LimitError, SourceError
from alaas.projects._answers import from_text
from alaas.runtimes import OnProgress, Progress
from alaas.sources import Entry, Source
from alaas.stores import Added, Finding, ItemRole, ItemState, NewAnswer, NewItem, Rule, Store
from alaas.types import FailedItem, Item

_PAGE = 5000
_NEW: frozenset[ItemState] = frozenset({"new"})
IMPORTER = "import"
"""The annotator of labels that came with the items."""


class Import:
    """Adds a source's items to a project, page by page, so that memory does not grow with the source.

    Doing it again adds only what is new: items are known by their ids.

    Args:
        project: the project's name.
        store: where they go.
        task: what labels may say.
        rule: when a label that came along is the item's label.
        most: items that a project may hold.
    """

    def __init__(self, *, project: str, store: Store, task: TaskSettings, rule: Rule, most: int) -> None:
        self._project, self._store, self._task, self._rule = project, store, task, rule
        self._most = most

    def run(
        self,
        source: Iterable[Entry],
        *,
        role: ItemRole,
        actor: str,
        cancel: threading.Event,
        on_progress: OnProgress | None = None,
    ) -> Added:
        """Add the items of a source.

        Raises:
            SourceError: it cannot be read, or holds nothing.
            LimitError: the project would hold more items than it may.
            LabelError: a label in the source is none of the task's.
            CancelledError: ``cancel`` was set; what was added stays.
        """
        total = source.total if isinstance(source, Source) else None
        room = self._most - self._store.counts(self._project, holds=False).items
        added = known = 0
        began = time.perf_counter()
        for page in _pages(iter(source)):
            if cancel.is_set():
                raise CancelledError("cancelled while reading the source; what was added stays")
            if added + len(page) > room:
                raise LimitError(
                    f"project {self._project!r} would hold more than {self._most} items; raise "
                    "limits.max_items or add a part of the source"
                )
            result = self._add(page, role, actor)
            added, known = added + result.added, known + result.known
            if on_progress is not None:
                seconds = time.perf_counter() - began
                on_progress(Progress(done=added + known, failed=0, total=total, seconds=seconds, stages=()))
        if added + known == 0:
            where = source.describe() if isinstance(source, Source) else "the list"
            raise SourceError(f"{where} holds no items; check the path and the file endings")
        return Added(added=added, known=known)

    def _add(self, page: list[Entry], role: ItemRole, actor: str) -> Added:
        items = [sound(entry) for entry in page]
        if role == "validation":
            return self._store.add_items(
                self._project, [self._validation(item) for item in items], actor=actor
            )
        added = self._store.add_items(self._project, [NewItem(item=item) for item in items], actor=actor)
        self._report(page)
        answers = [
            NewAnswer(item=item.id, annotator=IMPORTER, value=from_text(self._task, item.label, item.id))
            for item in items
            if item.label is not None
        ]
        if answers:
            # Labels that come with the items are decided, however many annotators the rule wants.
            self._store.tell(self._project, [_final(answer) for answer in answers], rule=self._rule)
        return added

    def _validation(self, item: Item) -> NewItem:
        if item.label is None:
            raise SourceError(
                f"validation item {item.id!r} has no label; name the column in validation.label_column"
            )
        return NewItem(item=item, role="validation", label=from_text(self._task, item.label, item.id))

    def _report(self, page: list[Entry]) -> None:
        """Rows that could not be made items are kept as failed ones, with the reason."""
        reasons = {entry.id: entry.reason for entry in page if isinstance(entry, FailedItem)}
        if reasons:
            rows = self._store.items(self._project, ids=list(reasons), states=_NEW, limit=len(reasons))
            self._store.settle(
                self._project, [Finding(number=row.number, failure=reasons[row.id]) for row in rows]
            )


def _final(answer: NewAnswer) -> NewAnswer:
    return NewAnswer(item=answer.item, annotator=answer.annotator, value=answer.value, final=True)


def sound(entry: Entry) -> Item:
    """The entry as an item that a store can keep: content that was uploaded becomes its address."""
    if isinstance(entry, FailedItem):
        return Item(id=entry.id, uri=entry.uri)
    if entry.content is None:
        return entry
    encoded = base64.b64encode(entry.content).decode("ascii")
    return Item(
        id=entry.id,
        uri=f"data:application/octet-stream;base64,{encoded}",
        cost=entry.cost,
        metadata=entry.metadata,
        label=entry.label,
    )


def _pages(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while page := list(itertools.islice(entries, _PAGE)):
        yield page
