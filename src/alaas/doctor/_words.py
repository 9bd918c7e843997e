"""What a diagnosis is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "absent", "doubtful", "broken"]
"""``absent`` is an optional part that is not installed, ``doubtful`` works but not for long or not well,
``broken`` is something that was asked for and cannot be used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at; ``mend`` says what to do where something is not well."""

    name: str
    state: State = "good"
    detail: str = ""
    mend: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Findings under one heading."""

    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """All groups, in the order in which people read them."""

    groups: tuple[Group, ...]

    @property
    def broken(self) -> tuple[Finding, ...]:
        """What was asked for and cannot be used."""
        return tuple(f for group in self.groups for f in group.findings if f.state == "broken")
