"""The command line of ``benchmarks/one_round.py``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks._places import default_peers, default_scratch
from benchmarks.round.rows import ROWS

SOURCES = ("file", "http0", "http50")
SLOW = frozenset({"baseline", "loader", "original"})
"""Rows that take tens of seconds; measured ``--slow-repeats`` times."""

EVERYWHERE = frozenset({"ours"})
"""Rows that read from every source even without ``--full``."""


def parse_options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line; ends the program with a message where it makes no sense."""
    parser = argparse.ArgumentParser(
        prog="benchmarks/one_round.py",
        description="One round of active learning: ours, its limit, a plain script, other tools, in one run.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    data = parser.add_argument_group("the task")
    data.add_argument(
        "--data", type=Path, help="folder or tar.gz with train/ and test/ and in each a folder a class"
    )
    data.add_argument("--pool", type=_count, default=1000, help="images to choose from")
    data.add_argument("--budget", type=_count, default=100, help="images to choose")
    data.add_argument("--strategy", default="least_confidence")
    data.add_argument(
        "--test", type=_count, default=1000, help="test images for top-1; all if there are fewer"
    )
    data.add_argument("--seed", type=int, default=0)
    runs = parser.add_argument_group("what is measured")
    runs.add_argument("--rows", type=_names, default=",".join(ROWS), help="which, comma-separated")
    runs.add_argument(
        "--sources", type=_names, default=",".join(SOURCES), help="files from where, comma-separated"
    )
    runs.add_argument("--full", action="store_true", help="every row at every source, not ours alone")
    runs.add_argument(
        "--repeats", type=_count, default=2, help="times that each of the quick rows is measured"
    )
    runs.add_argument(
        "--slow-repeats", type=_count, default=1, help="times that each of the slow rows is measured"
    )
    runs.add_argument("--ablate", action="store_true", help="also: ours with one part off at a time")
    runs.add_argument("--memory", action="store_true", help="also: peak memory for 10,000 and 40,000 images")
    out = parser.add_argument_group("where things are and go")
    out.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    out.add_argument("--write-docs", action="store_true", help="write docs/benchmarks.md")
    out.add_argument("--peers", type=Path, default=default_peers(), help="the peers' environments")
    out.add_argument("--scratch", type=Path, default=default_scratch(), help="unpacked data and caches")
    options = parser.parse_args(arguments)
    for chosen, known in ((options.rows, ROWS), (options.sources, SOURCES)):
        if unknown := sorted(set(chosen) - set(known)):
            parser.error(f"unknown name {unknown[0]!r}; choose from {', '.join(known)}")
    return options


def _names(value: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _count(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got {value!r}")
    return int(value)
