"""What a look at items' contents found: new items become part of the pool, duplicates, or failures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, Text, any_, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from alaas.stores._words import Finding, ItemRole, ItemState, duplicate_of
from alaas.stores.sql import _log, _projects
from alaas.stores.sql._database import Database
from alaas.stores.sql._many import among
from alaas.stores.sql._projects import Held
from alaas.stores.sql._spelling import spelt
from alaas.stores.sql._tables import items

_UNSOUND = frozenset({"new", "failed", "duplicate"})


@dataclass(kw_only=True, slots=True, eq=False)
class _Item:
    number: int
    id: str
    role: ItemRole
    cost: float
    state: ItemState
    digest: bytes | None
    reason: str | None


class _Contents:
    """Which items have which content."""

    def __init__(self, found: Iterable[_Item]) -> None:
        self._by_content: dict[tuple[ItemRole, bytes | None], set[_Item]] = {}
        for item in found:
            self._by_content.setdefault((item.role, item.digest), set()).add(item)

    def twin(self, item: _Item, digest: bytes) -> _Item | None:
        """The lowest numbered other item of its role with that content that is sound and no duplicate."""
        same = self._by_content.get((item.role, digest), ())
        others = (other for other in same if other is not item and other.state not in _UNSOUND)
        return min(others, key=lambda other: other.number, default=None)

    def give(self, item: _Item, digest: bytes) -> None:
        """Write down an item's content."""
        self._by_content.get((item.role, item.digest), set()).discard(item)
        item.digest = digest
        self._by_content.setdefault((item.role, digest), set()).add(item)


def settle(database: Database, connection: Connection, project: str, findings: Sequence[Finding]) -> None:
    """See ``Store.settle``."""
    held = _projects.hold(database, connection, project)
    about = _about(connection, held, findings)
    known = [finding for finding in findings if finding.number in about]
    if not known:
        return
    contents = _Contents(about.values())
    before = {number: item.state for number, item in about.items()}
    for finding in known:
        _apply(about[finding.number], finding, contents)
    touched = {finding.number: about[finding.number] for finding in known}
    for number, item in touched.items():
        held.tallies.move(item.role, before[number], item.state, item.cost)
    _write(connection, held, list(touched.values()))
    _projects.keep(connection, held)
    _log.line(connection, held.now, project, "alaas", "items.settle", project, items=len(known))


def _apply(item: _Item, finding: Finding, contents: _Contents) -> None:
    fresh = item.state in ("new", "failed")
    if finding.digest is not None:
        twin = contents.twin(item, finding.digest) if fresh else None
        contents.give(item, finding.digest)
        if fresh:
            settled: ItemState = "pool" if item.role == "pool" else "labelled"
            item.state = settled if twin is None else "duplicate"
            item.reason = None if twin is None else duplicate_of(twin.id)
    elif finding.failure is not None and fresh:
        item.state, item.reason = "failed", finding.failure


def _about(connection: Connection, held: Held, findings: Sequence[Finding]) -> dict[int, _Item]:
    """The items that the findings are about, and those that have a content that one of them has."""
    numbers = {finding.number for finding in findings if 0 <= finding.number < held.items}
    digests = {finding.digest for finding in findings if finding.digest is not None}
    named = _select(held).where(among(connection, items.c.number, numbers))
    about = {row.number: _Item(**row._mapping) for row in connection.execute(named)}
    for row in _with_digests(connection, held, digests):
        if row.number not in about:
            about[row.number] = _Item(**row._mapping)
    return about


def _select(held: Held) -> Any:
    columns = (items.c.number, items.c.id, items.c.role, items.c.cost)
    return select(*columns, items.c.state, items.c.digest, items.c.reason).where(
        items.c.project_id == held.id
    )


def _with_digests(connection: Connection, held: Held, digests: Collection[bytes]) -> Iterable[Any]:
    wanted = list(digests)
    # The index has no row without a digest, and neither database sees by itself that none is asked for.
    statement = _select(held).where(items.c.digest.is_not(None))
    if connection.dialect.name == "postgresql":
        among = any_(bindparam(None, wanted, type_=ARRAY(LargeBinary()), unique=True))
        yield from connection.execute(statement.where(items.c.digest == among))
        return
    # JSON cannot hold bytes, so each digest is a parameter; their number is padded to keep the statement.
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        padded = [*part, *[part[0]] * (500 - len(part))] if len(part) > 10 else part
        yield from connection.execute(statement.where(items.c.digest.in_(padded)))


def sound_twins(connection: Connection, held: Held, digests: Collection[bytes]) -> dict[bytes, str]:
    """The ids of the lowest numbered sound items of the pool that have these digests."""
    twins: dict[bytes, tuple[int, str]] = {}
    for row in _with_digests(connection, held, digests) if digests else ():
        if row.role == "pool" and row.state not in _UNSOUND:
            here = (int(row.number), str(row.id))
            twins[bytes(row.digest)] = min(twins.get(bytes(row.digest), here), here)
    return {digest: name for digest, (_, name) in twins.items()}


def _write(connection: Connection, held: Held, changed: Sequence[_Item]) -> None:
    rows = [
        {"which": item.number, "state": item.state, "digest": item.digest, "reason": item.reason}
        for item in changed
    ]
    if connection.dialect.name == "postgresql":
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        columns["reason"] = [None if item.reason is None else spelt(item.reason) for item in changed]
        connection.execute(_UPDATE_AT_ONCE, {"project": held.id, **columns})
    else:
        connection.execute(_UPDATE, [{"project": held.id, **row} for row in rows])


_UPDATE = (
    update(items)
    .where(items.c.project_id == bindparam("project"), items.c.number == bindparam("which"))
    .values(state=bindparam("state"), digest=bindparam("digest"), reason=bindparam("reason"))
)
_NEW = (
    func.unnest(
        bindparam("which", type_=ARRAY(BigInteger())),
        bindparam("state", type_=ARRAY(Text())),
        bindparam("digest", type_=ARRAY(LargeBinary())),
        bindparam("reason", type_=ARRAY(Text())),
    )
    .table_valued("which", "state", "digest", "reason")
    .render_derived(name="found")
)
_UPDATE_AT_ONCE = (
    update(items)
    .where(
        items.c.project_id == bindparam("project"),
        items.c.number == _NEW.c.which,
        # Says the same again, so that a table without statistics is not read from end to end.
        items.c.number == any_(bindparam("which", type_=ARRAY(BigInteger()))),
    )
    .values(state=_NEW.c.state, digest=_NEW.c.digest, reason=_NEW.c.reason)
)
