"""What has to be known before answers are taken, and the statements that write them.

They are made once: making them anew for each answer would take longer than running them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Boolean, Select, bindparam, case, select, update

from alaas.stores.sql._many import one_of
from alaas.stores.sql._tables import answers, batches, items, picks

_JUDGED: BindParameter[bool] = bindparam("judged", type_=Boolean())

UPDATE_ITEMS = (
    update(items)
    .where(items.c.project_id == bindparam("project"), items.c.number == bindparam("which"))
    .values(
        state=bindparam("state"),
        labels=bindparam("labels"),
        # An item that stays what it was keeps its label and its reason.
        label=case((_JUDGED, bindparam("label", type_=items.c.label.type)), else_=items.c.label),
        reason=case((_JUDGED, None), else_=items.c.reason),
    )
)
UPDATE_PICKS = (
    update(picks)
    .where(
        picks.c.project_id == bindparam("project"),
        picks.c.ordinal == bindparam("batch"),
        picks.c.rank == bindparam("place"),
    )
    .values(state=bindparam("state"))
)


@cache
def items_with_picks(dialect: str) -> Select[Any]:
    """Items with the ids ``names``, each once for every pick of it and at least once."""
    about_item = tuple(items.c[name] for name in ("id", "number", "role", "state", "cost", "labels"))
    about_pick = (picks.c.ordinal, picks.c.rank, picks.c.annotator, picks.c.state.label("pick"))
    its = (picks.c.project_id == items.c.project_id) & (picks.c.number == items.c.number)
    in_batch = (batches.c.project_id == picks.c.project_id) & (batches.c.ordinal == picks.c.ordinal)
    return (
        select(*about_item, items.c.digest.is_(None).label("bare"), *about_pick, batches.c.id.label("batch"))
        .select_from(items.outerjoin(picks, its).outerjoin(batches, in_batch))
        .where(items.c.project_id == bindparam("project"), one_of(dialect, items.c.id, bindparam("names")))
    )


@cache
def current_answers(dialect: str) -> Select[Any]:
    """The answers about the items ``numbers`` that nothing has replaced, oldest first."""
    names = ("number", "annotator", "sequence", "kind", "value", "reason", "final")
    return (
        select(*(answers.c[name] for name in names))
        .where(
            answers.c.project_id == bindparam("project"),
            answers.c.current,
            one_of(dialect, answers.c.number, bindparam("numbers")),
        )
        .order_by(answers.c.sequence)
    )
