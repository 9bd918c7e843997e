"""The zoo as a page: every built-in strategy by family, from what its own class says."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import get_args

from alaas.strategies._base import Family
from alaas.strategies._build import registry
from alaas.strategies._describe import StrategyInfo, describe

_INTRODUCTION = """# The strategy zoo

Made from the strategies themselves by `python -m alaas.strategies > docs/zoo.md`; do not edit. How to use,
combine and write them: [strategies.md](strategies.md).

n is the pool's size, B the budget, C the number of classes, D the embeddings' length, K the members of a
committee, m the number of labelled items. Memory is what comes on top of the inputs.

"""

_FAMILIES: dict[Family, str] = {
    "baseline": "What the others have to beat.",
    "uncertainty": "Items about which one model is unsure.",
    "disagreement": "Items about which several models disagree.",
    "diversity": "Items unlike each other and unlike what is labelled.",
    "density": "Typical items: for the first labels.",
    "hybrid": "Uncertain and diverse at once: for batches.",
    "learner": "By what the learner itself would make of a label.",
    "combination": "Made of other strategies.",
}
_LINK = re.compile(r"https?://[^\s;,]+")


def catalogue() -> str:
    """The page, in Markdown."""
    infos = [describe(name) for name in registry.builtin_names()]
    parts = [_INTRODUCTION, *_overview(infos)]
    for family in get_args(Family):
        members = [info for info in infos if info.family == family]
        parts.append(f"\n## {family.capitalize()}\n\n{_FAMILIES[family]}\n")
        parts += [_entry(info) for info in members]
    return "".join(parts)


def _overview(infos: Iterable[StrategyInfo]) -> list[str]:
    rows = ["| strategy | family | needs | use it when |\n|---|---|---|---|\n"]
    for family in get_args(Family):
        rows += [
            f"| [`{info.name}`](#{info.name}) | {family} | {_names(info.needs) or '–'} | {info.when} |\n"
            for info in infos
            if info.family == family
        ]
    return rows


def _entry(info: StrategyInfo) -> str:
    uses = f"; uses {_names(info.accepts)} when there" if info.accepts else ""
    lines = [f"\n### {info.name}\n", info.summary, *(f"\n{paragraph}" for paragraph in info.details), ""]
    lines.append(f"- **Needs** {_names(info.needs) or 'nothing'}{uses}")
    lines += [
        f"- **Parameter** `{given.name}` ({_default(given.default)}): {given.summary}"
        for given in info.parameters
    ]
    lines.append(f"- **Cost** {info.cost}")
    lines.append(f"- **When** {info.when}")
    if info.reference:
        lines.append(f"- **Reference** {_LINK.sub(lambda link: f'<{link[0]}>', info.reference)}")
    return "\n".join(lines) + "\n"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _default(value: object) -> str:
    if isinstance(value, list):
        return f"`[{', '.join(map(str, value))}]`"
    return "none" if value is None else f"`{value}`"
