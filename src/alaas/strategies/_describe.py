"""What a strategy is, for people: read from its class, so that it is written down once."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cache

from alaas.registry import fold
from alaas.strategies._base import Family, Strategy
from alaas.strategies._build import registry
from alaas.strategies._expression import parameters_of
from alaas.types import JSON, SignalName

_SECTIONS = ("Args", "Cost", "When", "Reference", "References")


@dataclass(frozen=True, kw_only=True)
class ParameterInfo:
    """One parameter: its type as written in the class, its default, and what it means ("" if unsaid)."""

    name: str
    type: str
    default: JSON
    summary: str


@dataclass(frozen=True, kw_only=True)
class StrategyInfo:
    """What ``alaas strategies`` and the documentation say of a strategy.

    ``summary`` is one sentence, ``details`` the paragraphs after it; ``cost`` in the letters of the
    documentation, ``when`` says when to use it; ``reference`` is None where there is no paper.
    """

    name: str
    family: Family
    summary: str
    details: tuple[str, ...]
    needs: tuple[SignalName, ...]
    accepts: tuple[SignalName, ...]
    parameters: tuple[ParameterInfo, ...]
    cost: str
    when: str
    reference: str | None


@cache
def describe(name: str) -> StrategyInfo:
    """Describe the strategy called ``name``, built in or from a plug-in.

    Raises:
        UnknownNameError: no strategy has that name; the nearest is named.
    """
    cls = registry.get(name)
    strategy = cls()
    prose, sections = _read(inspect.cleandoc(cls.__doc__ or ""))
    return StrategyInfo(
        name=next(known for known in registry.names() if fold(known) == fold(name)),
        family=cls.family,
        summary=prose[0] if prose else "",
        details=tuple(prose[1:]),
        needs=tuple(sorted(strategy.needs)),
        accepts=tuple(sorted(strategy.accepts)),
        parameters=_parameters(cls, sections.get("Args", "")),
        cost=_joined(sections.get("Cost", "")),
        when=_joined(sections.get("When", "")),
        reference=_joined(sections.get("Reference", sections.get("References", ""))) or None,
    )


def _read(text: str) -> tuple[list[str], dict[str, str]]:
    """Take a docstring apart: paragraphs of prose, and sections by their heading."""
    parts = re.split(rf"^({'|'.join(_SECTIONS)}):", text, flags=re.MULTILINE)
    prose = [_joined(paragraph) for paragraph in parts[0].split("\n\n") if paragraph.strip()]
    return prose, dict(zip(parts[1::2], parts[2::2], strict=True))


def _joined(text: str) -> str:
    return " ".join(text.split())


def _parameters(cls: type[Strategy], section: str) -> tuple[ParameterInfo, ...]:
    meanings = dict(re.findall(r"^ {4}(\w+): ((?:.*\n?)(?:^ {8}.*\n?)*)", section, re.MULTILINE))
    default = cls()
    return tuple(
        ParameterInfo(
            name=field.name,
            type=field.type if isinstance(field.type, str) else field.type.__name__,
            default=plain(getattr(default, field.name)),
            summary=_joined(meanings.get(field.name, "")),
        )
        for field in parameters_of(cls)
    )


def plain(value: object) -> JSON:
    """A parameter's value as JSON: a strategy becomes its expression."""
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def parameter_values(strategy: Strategy) -> dict[str, JSON]:
    """The parameters of a strategy as they are set, as JSON."""
    return {field.name: plain(getattr(strategy, field.name)) for field in parameters_of(strategy)}
