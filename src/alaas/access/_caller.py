"""Who calls, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alaas.errors import AccessError
from alaas.stores import Role

_RANKS: Mapping[Role, int] = {"reader": 0, "annotator": 1, "admin": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Whoever makes a request. The name is the actor of all that is written down for it.

    ``projects`` are the names that the caller may touch, None for all. ``key`` is the id of the key that was
    shown, None where nobody has to show one.
    """

    name: str
    role: Role
    projects: frozenset[str] | None = None
    key: str | None = None

    def may(self, role: Role, project: str | None = None, *, everywhere: bool = False) -> bool:
        """Whether the caller is at least ``role``: in that project, in all of them, or in any."""
        if _RANKS[self.role] < _RANKS[role]:
            return False
        if self.projects is None:
            return True
        return not everywhere and (project is None or project in self.projects)

    def require(self, role: Role, project: str | None = None, *, everywhere: bool = False) -> None:
        """Return if the caller ``may``.

        Raises:
            AccessError: otherwise. The message is the same whether or not there is such a project.
        """
        if self.may(role, project, everywhere=everywhere):
            return
        if _RANKS[self.role] < _RANKS[role]:
            raise AccessError(
                f"the key {self.name!r} has the role {self.role}, and this needs {role}; ask an admin for "
                f"another: alaas key create NAME --role {role}"
            )
        if project is None:
            raise AccessError(
                f"the key {self.name!r} is good for some projects only, and this needs one for all of them; "
                "ask an admin for a key without --project"
            )
        raise AccessError(f"the key {self.name!r} is not good for the project {project!r}; ask an admin")

    def annotator(self, asked: str | None = None) -> str:
        """The annotator to write down: the caller, or whom an admin names.

        Raises:
            AccessError: somebody else names another annotator.
        """
        if asked is None or asked == self.name:
            return self.name
        if self.role != "admin":
            raise AccessError(
                f"the key {self.name!r} may not speak for the annotator {asked!r}: leave the annotator out, "
                "or use a key of the role admin"
            )
        return asked

    def own(self, idempotency_key: str | None) -> str | None:
        """The idempotency key within this caller's own: two callers' keys never meet."""
        return None if idempotency_key is None else f"{len(self.name)}:{self.name}:{idempotency_key}"


ANYBODY = Caller(name="me", role="admin")
"""The caller where nobody has to show a key."""
