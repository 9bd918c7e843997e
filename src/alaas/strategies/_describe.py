"""What a strategy is, for people: read from its class, so that it is written down once."""

from __future__ import annotations

import dataclasses
import inspect
import re
from dataclasses import dataclass

from alaas.registry import fold
from alaas.strategies._base import Strategy
from alaas.strategies._build import registry
from alaas.types import JSON, SignalName


@dataclass(frozen=True, kw_only=True)
class ParameterInfo:
    """One parameter: its type as written in the class, its default, and what it means ("" if unsaid)."""

    name: str
    type: str
    default: JSON
    summary: str


@dataclass(frozen=True, kw_only=True)
class StrategyInfo:
    """What ``alaas strategies`` and the documentation say of a strategy."""

    name: str
    summary: str
    needs: tuple[SignalName, ...]
    accepts: tuple[SignalName, ...]
    parameters: tuple[ParameterInfo, ...]
    reference: str | None


def describe(name: str) -> StrategyInfo:
    """Describe the strategy called ``name``, built in or from a plug-in.

    Raises:
        UnknownNameError: no strategy has that name; the nearest is named.
    """
    cls = registry.get(name)
    text = inspect.cleandoc(cls.__doc__ or "")
    reference = re.search(r"^References?:\s*(.+?)(?:\n\n|\Z)", text, re.DOTALL | re.MULTILINE)
    return StrategyInfo(
        name=next(known for known in registry.names() if fold(known) == fold(name)),
        summary=" ".join(text.split("\n\n")[0].split()),
        needs=tuple(sorted(cls.needs)),
        accepts=tuple(sorted(cls.accepts)),
        parameters=_parameters(cls, text),
        reference=" ".join(reference[1].split()) if reference else None,
    )


def _parameters(cls: type[Strategy], text: str) -> tuple[ParameterInfo, ...]:
    if not dataclasses.is_dataclass(cls):
        return ()
    meanings = _meanings(text)
    return tuple(
        ParameterInfo(
            name=field.name,
            type=field.type if isinstance(field.type, str) else field.type.__name__,
            default=_default(field),
            summary=meanings.get(field.name, ""),
        )
        for field in dataclasses.fields(cls)
    )


def _default(field: dataclasses.Field[JSON]) -> JSON:
    if field.default is not dataclasses.MISSING:
        return field.default
    return None if field.default_factory is dataclasses.MISSING else field.default_factory()


def _meanings(text: str) -> dict[str, str]:
    """Read the ``Args:`` section of a docstring, whose indentation is already clean."""
    section = re.search(r"^Args:\n((?:[ ]+.*\n?|\n(?=[ ]))+)", text, re.MULTILINE)
    if not section:
        return {}
    entries = re.findall(r"^ {4}(\w+): ((?:.*\n?)(?:^ {8}.*\n?)*)", section[1], re.MULTILINE)
    return {name: " ".join(meaning.split()) for name, meaning in entries}
