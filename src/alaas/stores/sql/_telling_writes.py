"""What answers changed, written in as few statements as there are tables."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, update

from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import answers
from alaas.stores.sql._telling_queries import UPDATE_ITEMS, UPDATE_PICKS
from alaas.stores.sql._values import to_text

if TYPE_CHECKING:
    from alaas.stores.sql._telling import Current, Told


def write(connection: Connection, held: Held, told: Iterable[Told]) -> None:
    """Write what has changed of these items."""
    told = list(told)
    _write_answers(connection, held, told)
    _write_items(connection, held, [item for item in told if _changed(item)])
    _write_picks(connection, held, told)


def _changed(item: Told) -> bool:
    return item.judged or any(answer.new is not None for answer in item.current.values())


def _write_answers(connection: Connection, held: Held, told: list[Told]) -> None:
    old = [answer.sequence for item in told for answer in item.replaced if answer.new is None]
    if old:  # before the new ones, since an annotator has one current answer at a time
        statement = update(answers).where(
            answers.c.project_id == held.id, among(connection, answers.c.sequence, old)
        )
        connection.execute(statement, {"current": False})
    rows = [_answer(held, item, answer, current=True) for item in told for answer in item.current.values()]
    rows += [_answer(held, item, answer, current=False) for item in told for answer in item.replaced]
    new = sorted((row for row in rows if row is not None), key=itemgetter("sequence"))
    if new:
        connection.execute(insert(answers), new)


def _answer(held: Held, item: Told, answer: Current, *, current: bool) -> dict[str, Any] | None:
    if answer.new is None:
        return None
    return {
        "project_id": held.id,
        "sequence": answer.sequence,
        "number": item.number,
        "annotator": answer.new.annotator,
        "kind": answer.kind,
        "value": to_text(answer.value),
        "reason": answer.reason,
        "batch": answer.new.batch,
        "final": answer.final,
        "at": held.now,
        "current": current,
    }


def _write_items(connection: Connection, held: Held, changed: list[Told]) -> None:
    if not changed:
        return
    connection.execute(
        UPDATE_ITEMS,
        [
            {
                "project": held.id,
                "which": item.number,
                "state": item.state,
                "labels": item.labels,
                "label": to_text(item.label),
                "judged": item.judged,
            }
            for item in changed
        ],
    )


def _write_picks(connection: Connection, held: Held, told: list[Told]) -> None:
    rows = [
        {"project": held.id, "batch": pick.ordinal, "place": pick.rank, "state": pick.state}
        for item in told
        for pick in item.picks
        if pick.state != pick.before
    ]
    if rows:
        connection.execute(UPDATE_PICKS, rows)
