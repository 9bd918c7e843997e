"""The results as Markdown, for the terminal and for docs/benchmarks-engines.md."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from benchmarks._machine import Machine
from benchmarks._markdown import markdown_table
from benchmarks.beyond._words import Found
from benchmarks.round._requirements import Requirement

_WIDTH = 110
_HOLDS = {None: "–", True: "yes", False: "**no**"}
_HOW = """\
## How it was measured

- Every row runs in processes of its own. Before its clock starts they are up, the model is loaded, `auto` has
  chosen, and one question about a few other images was answered.
- A row's seconds last from the question to the answer; over HTTP they are taken at the client. Seconds are
  medians; ratios are medians of the ratios within each repeat, whose rows were measured one after the other.
- Caches are empty before each round, so every image is fetched, decoded and encoded.
- The limits decode with our decoder and run the engine that `auto` chose, with all cores and its best batch;
  contents are in memory, and nothing is collated, hashed, stored or selected.
- *mean apart*, *max apart*: how far embeddings lie from those at fp32, as a share of their length.
"""


def write_page(
    machine: Machine, command: str, date: str, found: Sequence[Found], skipped: Sequence[str]
) -> str:
    """The whole page."""
    versions = ", ".join(f"{name} {number}" for name, number in machine.packages.items())
    head = [
        f"- {date}, commit {machine.commit}: `{command}`",
        f"- {machine.processor}, {machine.cores} cores, {machine.memory_gb:g} GB memory, {machine.system}",
        f"- Python {machine.python}, {versions}",
    ]
    parts = [
        "# Benchmarks of engines and runtimes",
        "Written by `benchmarks/engines.py`; do not edit. How to run it: "
        "[benchmarks/README.md](../benchmarks/README.md).",
        "\n".join(head),
        *shown(found, skipped),
        _HOW.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def shown(found: Sequence[Found], skipped: Sequence[str]) -> Iterator[str]:
    """What must hold, then each section."""
    judged = [requirement for section in found for requirement in section.requirements]
    if judged:
        yield "## What must hold"
        yield requirements_table(judged)
    for section in found:
        yield f"## {section.title}"
        yield textwrap.fill(section.text, _WIDTH)
        for table in section.tables:
            yield markdown_table(table.head, table.rows)
        if section.skipped:
            yield "\n".join(f"- left out: {reason}" for reason in section.skipped)
        if section.after:
            yield section.after
    if skipped:
        yield "\n".join(f"- skipped: {reason}" for reason in skipped)


def requirements_table(requirements: Sequence[Requirement]) -> str:
    """What must hold, and whether it does."""
    rows = [[found.name, found.target, found.shown, _HOLDS[found.holds]] for found in requirements]
    return markdown_table(["ratio, in this run", "target", "measured", "holds"], rows)
