"""The contract of the table of API keys."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from alaas.errors import ConflictError, KeyNotFoundError

Role: TypeAlias = Literal["admin", "annotator", "reader"]
"""What a key allows. ``reader``: to look. ``annotator``: to ask and tell as well. ``admin``: everything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key to keep.

    ``projects`` are the names that it is good for, None for all, and those to come. ``digest`` is a hash of
    the secret; the secret itself is never kept.
    """

    id: str
    name: str
    role: Role
    projects: tuple[str, ...] | None
    digest: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyRow:
    """A key as it is kept. Times are seconds since 1970 by the store's clock; None: not yet."""

    id: str
    name: str
    role: Role
    projects: tuple[str, ...] | None
    digest: bytes = field(repr=False)
    created: float
    used: float | None = None
    revoked: float | None = None


class KeyTable(ABC):
    """Rows of keys. Every method is one transaction; called by many threads and processes at once.

    Keys are never deleted: a revoked one stays, so that it can be seen who had which. Making and revoking one
    writes a line to the store's log: ``key.create`` or ``key.revoke``, of no project, the name as subject.
    """

    @abstractmethod
    def add(self, new: NewKey, *, actor: str) -> KeyRow:
        """Keep a key.

        Raises:
            ConflictError: a key of that name is there and is not revoked.
        """

    @abstractmethod
    def get(self, key_id: str) -> KeyRow | None:
        """The key of that id, revoked or not; None if there is none."""

    @abstractmethod
    def rows(self) -> list[KeyRow]:
        """Every key, revoked ones too, oldest first."""

    @abstractmethod
    def revoke(self, name: str, *, actor: str) -> KeyRow:
        """End the key of that name; the name may then be used again.

        Raises:
            KeyNotFoundError: there is none of that name that is not revoked.
        """

    @abstractmethod
    def touch(self, key_id: str) -> None:
        """Note that the key is used now; one that is not there is no error."""

    @abstractmethod
    def ever(self) -> bool:
        """Whether a key was ever made, be it revoked since."""


def taken(name: str) -> ConflictError:
    """A key of that name is there."""
    return ConflictError(
        f"there is a key {name!r} already; choose another name, or end that one first: alaas key revoke "
        f"{name!r}"
    )


def unknown(name: str) -> KeyNotFoundError:
    """No key of that name is there."""
    return KeyNotFoundError(f"there is no key {name!r} in use; `alaas key list` shows all")
