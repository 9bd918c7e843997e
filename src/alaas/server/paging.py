"""Long lists in pages: ``after`` is the ``next`` of the page before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeAlias, TypeVar

from fastapi import Query

from alaas.errors import UsageError

Row = TypeVar("Row")

After: TypeAlias = Annotated[
    str | None, Query(max_length=4096, description="The `next` of the page before; nothing for the first.")
]
Limit: TypeAlias = Annotated[int, Query(ge=1, le=1000, description="The most that a page holds.")]
MOST_DIGITS = 18


def number(after: str | None, start: int) -> int:
    """The number that a cursor stands for; ``start`` for the first page.

    Raises:
        UsageError: it is no cursor of ours.
    """
    if after is None:
        return start
    if not after.isascii() or not after.isdecimal() or len(after) > MOST_DIGITS:
        raise UsageError(f"after={after!r} is no cursor; send the `next` of the page before, or leave it out")
    return int(after)


def cut(rows: Sequence[Row], limit: int, cursor: Callable[[Row], object]) -> tuple[list[Row], str | None]:
    """A page of ``limit`` rows out of perhaps one more, and the cursor of the next page if there is one."""
    shown = list(rows[:limit])
    return shown, str(cursor(shown[-1])) if len(rows) > limit else None
