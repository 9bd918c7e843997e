"""What a learner is, for people: read from its class, so that it is written down once."""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass
from typing import Any

from alaas.learners._base import Kind, Learner
from alaas.learners._build import parameters_of, registry
from alaas.registry import fold
from alaas.types import JSON

_HEADINGS = re.compile(r"^(Args|Raises|Cost|When|References?):", re.MULTILINE)
_ARGUMENT = re.compile(r"^ {4}(\w+): ((?:.*\n?)(?:^ {8}.*\n?)*)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class LearnerParameter:
    """One parameter: its type as written in the class, its default, and what it means ("" if unsaid).

    ``default`` is None too where it has none, and then it is ``required``.
    """

    name: str
    type: str
    required: bool
    default: JSON
    summary: str


@dataclass(frozen=True, kw_only=True)
class LearnerInfo:
    """What ``alaas learners`` says of a learner; what its docstring does not say is empty."""

    name: str
    kinds: tuple[Kind, ...]
    wants: str
    summary: str
    details: tuple[str, ...]
    parameters: tuple[LearnerParameter, ...]
    cost: str
    when: str
    reference: str | None


def describe(name: str) -> LearnerInfo:
    """Describe the learner called ``name``, built in or from a plug-in.

    Raises:
        UnknownNameError: no learner has that name; the nearest is named.
    """
    cls = registry.get(name)
    head, *parts = _HEADINGS.split(inspect.cleandoc(cls.__doc__ or ""))
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    prose = [_joined(paragraph) for paragraph in head.split("\n\n") if paragraph.strip()]
    return LearnerInfo(
        name=next(known for known in registry.names() if fold(known) == fold(name)),
        kinds=tuple(sorted(cls.kinds)),
        wants=cls.wants,
        summary=prose[0] if prose else "",
        details=tuple(prose[1:]),
        parameters=_parameters(cls, sections.get("Args", "")),
        cost=_joined(sections.get("Cost", "")),
        when=_joined(sections.get("When", "")),
        reference=_joined(sections.get("Reference", sections.get("References", ""))) or None,
    )


def _joined(text: str) -> str:
    return " ".join(text.split())


def _parameters(cls: type[Learner], section: str) -> tuple[LearnerParameter, ...]:
    meanings = dict(_ARGUMENT.findall(section))
    return tuple(
        LearnerParameter(
            name=field.name,
            type=field.type if isinstance(field.type, str) else getattr(field.type, "__name__", ""),
            required=_default(field) is dataclasses.MISSING,
            default=_plain(_default(field)),
            summary=_joined(meanings.get(field.name, "")),
        )
        for field in parameters_of(cls)
    )


def _default(field: dataclasses.Field[Any]) -> object:
    made = field.default_factory
    return field.default if made is dataclasses.MISSING else made()


def _plain(value: object) -> JSON:
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if value is dataclasses.MISSING:
        return None
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
