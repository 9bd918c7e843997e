"""All of a project's labels, in the order of its items, without holding them all."""

from __future__ import annotations

from collections.abc import Iterator

from alaas.config import Config
from alaas.projects._export import ExportRow, export
from alaas.projects._status import current_answers
from alaas.projects._training import classes_of
from alaas.stores import Store

_PAGE = 1000
_MOST_ANSWERS = 1_000_000


def export_project(format: str, config: Config, store: Store) -> Iterator[str]:  # noqa: A002
    """Pieces of text in one of the formats of ``export``."""
    classes = classes_of(config.task.classes, (), store.decided(config.name))
    return export(format, config.name, classes, _rows(config.name, store))


def _rows(project: str, store: Store) -> Iterator[ExportRow]:
    after = -1
    while page := store.items(project, after=after, limit=_PAGE):
        ids = [item.id for item in page if item.state not in ("new", "pool", "failed", "duplicate")]
        answers = current_answers(store.answers(project, items=ids, limit=_MOST_ANSWERS)) if ids else {}
        for item in page:
            yield ExportRow(item=item, answers=tuple(answers.get(item.id, {}).values()))
        after = page[-1].number
