"""Whether items are free for an annotator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from alaas.errors import TakenError
from alaas.stores._words import Rule
from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._tables import answers, items, picks
from alaas.stores.sql._tallies import SPENT


@dataclass(frozen=True, kw_only=True, slots=True)
class Free:
    """How some items stand for one annotator: see ``Snapshot``."""

    annotator: str
    rule: Rule
    rows: Mapping[int, Any]
    holders: Mapping[int, int]
    touched: Set[int]

    @classmethod
    def of(
        cls, connection: Connection, held: Held, annotator: str, numbers: Sequence[int], rule: Rule
    ) -> Free:
        """Look at the items of these numbers."""
        inside = {number for number in numbers if 0 <= number < held.items}
        columns = (items.c.number, items.c.id, items.c.state, items.c.role, items.c.labels)
        named = select(*columns).where(
            items.c.project_id == held.id, among(connection, items.c.number, inside)
        )
        rows = {row.number: row for row in connection.execute(named)}
        holding = select(picks.c.number, picks.c.annotator).where(
            picks.c.project_id == held.id,
            among(connection, picks.c.number, inside),
            picks.c.state == "open",
            picks.c.until > held.now,
        )
        holds = list(connection.execute(holding))
        touched = {row.number for row in holds if row.annotator == annotator}
        if any(row.state == "partial" for row in rows.values()):
            answered = select(answers.c.number).where(
                answers.c.project_id == held.id,
                answers.c.annotator == annotator,
                answers.c.current,
                answers.c.kind != "defer",
                among(connection, answers.c.number, inside),
            )
            touched.update(connection.scalars(answered))
        return cls(
            annotator=annotator,
            rule=rule,
            rows=rows,
            holders=Counter(row.number for row in holds),
            touched=touched,
        )

    def all(self, numbers: Sequence[int]) -> list[int]:
        """The numbers, all of them free and different.

        Raises:
            TakenError: one is not.
        """
        seen: set[int] = set()
        for number in numbers:
            if number in seen or not self.is_free(number):
                name = repr(self.rows[number].id) if number in self.rows else f"item {number}"
                raise TakenError(f"{name} is not free any more for {self.annotator!r}; choose again")
            seen.add(number)
        return list(numbers)

    def is_free(self, number: int) -> bool:
        """Whether it may be handed to the annotator."""
        row = self.rows.get(number)
        if row is None or row.role != "pool" or row.state not in ("pool", "partial"):
            return False
        wanted = self.rule.annotators - row.labels - self.holders.get(number, 0)
        return bool(wanted > 0) and number not in self.touched

    def spent(self, number: int) -> bool:
        """Whether it counts against the budget already."""
        return self.rows[number].state in SPENT or number in self.holders

    def name(self, number: int) -> str:
        """The item's id."""
        return str(self.rows[number].id)
