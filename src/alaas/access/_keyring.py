"""Making, checking and ending keys."""

from __future__ import annotations

import threading
import time
import unicodedata
from collections.abc import Callable, Collection
from contextlib import suppress

from alaas.access._caller import Caller
from alaas.access._token import Token
from alaas.errors import ConflictError, KeyRequiredError, StoreError, UsageError
from alaas.stores import KeyRow, KeyTable, NewKey, Role

_REMEMBERED = 4096
_LONGEST_NAME = 100
_TOUCH_PAUSE = 60.0

MISSING = (
    "this server wants a key: send the header Authorization: Bearer KEY, or give a client key=…, or set "
    "ALAAS_KEY; an admin makes keys with `alaas key create`"
)
REFUSED = "the key is not known here, or was revoked; an admin makes keys with `alaas key create`"


class Keyring:
    """The keys of a store, remembered for moments so that checking one costs microseconds.

    Args:
        table: where they are kept.
        remember: seconds for which a look-up is good. This long may a key that another process has revoked
            go on working here.
        clock: seconds that only go forwards.
    """

    def __init__(
        self, table: KeyTable, *, remember: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._table = table
        self._remember = remember
        self._clock = clock
        self._seen: dict[str, tuple[KeyRow | None, float]] = {}
        self._touched: dict[str, float] = {}
        self._ever: tuple[bool, float] = (False, float("-inf"))
        self._asking = threading.Lock()

    def create(
        self, name: str, role: Role, projects: Collection[str] | None = None, *, actor: str
    ) -> tuple[KeyRow, Token]:
        """Make a key; the token is known to whoever calls this, and to nobody ever after.

        Args:
            name: who will use it; what they do is written down under it.
            role: what it allows.
            projects: the names of the projects that it is good for; None for all.
            actor: who makes it.

        Raises:
            UsageError: the name cannot be one, or there are projects but none is named.
            ConflictError: a key of that name is there.
        """
        scope = None if projects is None else tuple(sorted(set(projects)))
        if scope is not None and not all(scope):
            raise UsageError("a project's name is empty; name one, or none for all projects")
        if scope == ():
            raise UsageError("the key would be good for no project; name one, or none for all projects")
        token = Token.new()
        new = NewKey(id=token.id, name=checked_name(name), role=role, projects=scope, digest=token.digest)
        row = self._table.add(new, actor=actor)
        self._forget(row.id)
        self._ever = (True, self._clock())
        return row, token

    def first(self) -> Token | None:
        """Make the key ``admin`` if there was never a key; None if there was, or another process is first."""
        if self.ever():
            return None
        with suppress(ConflictError):
            return self.create("admin", "admin", actor="server")[1]
        return None

    def rows(self) -> list[KeyRow]:
        """Every key, revoked ones too, oldest first."""
        return self._table.rows()

    def revoke(self, name: str, *, actor: str) -> KeyRow:
        """End a key: here at once, in other processes within moments.

        Raises:
            KeyNotFoundError: there is none of that name that is not revoked.
        """
        row = self._table.revoke(unicodedata.normalize("NFC", name).strip(), actor=actor)
        self._forget(row.id)
        return row

    def known(self, token: Token) -> Caller | None:
        """The caller if the key was looked up moments ago and is good; never waits."""
        row, until = self._seen.get(token.id, (None, 0.0))
        return _caller(row, token) if self._clock() < until else None

    def check(self, token: Token) -> Caller:
        """The caller who shows this key; may ask the store.

        Raises:
            KeyRequiredError: it is not known, or was revoked. Nothing tells which.
            StoreError: the store cannot be asked.
        """
        caller = _caller(self._look_up(token.id), token)
        if caller is None:
            raise KeyRequiredError(REFUSED)
        self._touch(token.id)
        return caller

    def ever_known(self) -> bool | None:
        """What ``ever`` would say, without waiting; None if the store has to be asked."""
        found, until = self._ever
        return found if found or self._clock() < until else None

    def ever(self) -> bool:
        """Whether a key was ever made, be it revoked since; may ask the store."""
        with self._asking:
            known = self.ever_known()
            if known is None:
                known = self._table.ever()
                self._ever = (known, self._clock() + self._remember)
            return known

    def _look_up(self, key_id: str) -> KeyRow | None:
        with self._asking:  # of many requests at the same moment one asks the store
            row, until = self._seen.get(key_id, (None, 0.0))
            now = self._clock()
            if now < until:
                return row
            row = self._table.get(key_id)
            self._seen.pop(key_id, None)  # so that the oldest look-up comes first
            self._seen[key_id] = (row, now + self._remember)
            if len(self._seen) > _REMEMBERED:
                del self._seen[next(iter(self._seen))]
            return row

    def _touch(self, key_id: str) -> None:
        with self._asking:
            now = self._clock()
            if now - self._touched.get(key_id, float("-inf")) < _TOUCH_PAUSE:
                return
            self._touched[key_id] = now
        with suppress(StoreError):  # that a key was used is worth less than its use
            self._table.touch(key_id)

    def _forget(self, key_id: str) -> None:
        with self._asking:
            self._seen.pop(key_id, None)


def checked_name(name: str) -> str:
    """A key's name in its normal form.

    Raises:
        UsageError: it is empty, too long, or holds what cannot be printed.
    """
    normal = unicodedata.normalize("NFC", name).strip()
    if not normal or len(normal) > _LONGEST_NAME or not normal.isprintable():
        raise UsageError(
            f"a key's name has 1 to {_LONGEST_NAME} letters that can be printed, got {name[:_LONGEST_NAME]!r}"
        )
    return normal


def _caller(row: KeyRow | None, token: Token) -> Caller | None:
    good = token.matches(row.digest if row is not None else bytes(32))
    if row is None or row.revoked is not None or not good:
        return None
    projects = None if row.projects is None else frozenset(row.projects)
    return Caller(name=row.name, role=row.role, projects=projects, key=row.id)
