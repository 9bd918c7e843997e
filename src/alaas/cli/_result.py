"""A selection for people and for files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from alaas.cli._words import excerpt, print_table, say
from alaas.errors import ConfigError

if TYPE_CHECKING:
    from alaas.protocol import SelectionBody
    from alaas.types import PoolSelection

_SHOWN_FAILURES = 5


def print_selection(selection: PoolSelection) -> None:
    """Print the picks, best first, with the text itself where an item is one."""
    texts = any(pick.item.text is not None for pick in selection.selected)
    rows = []
    for pick in selection.selected:
        score = "–" if pick.score is None else f"{pick.score:.4g}"
        rows.append((str(pick.rank), score, pick.item.id, *([excerpt(pick.item.text)] if texts else ())))
    print_table(("rank", "score", "id", *(("text",) if texts else ())), rows, right=(0, 1))


def say_how_it_went(selection: PoolSelection) -> None:
    """Say on stderr how many were chosen, how fast, what was slowest and what failed."""
    stats, chosen, failed = selection.stats, len(selection.selected), selection.failed
    slowest = next((stage for stage in stats.stages if stage.name == stats.bottleneck), None)
    share = f", slowest stage {slowest.name} ({slowest.busy:.0%} busy)" if slowest else ""
    speed = f"{stats.items_per_second:,.0f} items/s, {stats.cache_hits:,} from the cache{share}"
    say(f"{chosen:,} of {stats.items:,} items chosen in {stats.seconds:.2f} s: {speed}")
    for failure in failed[:_SHOWN_FAILURES]:
        say(f"skipped {failure.id}: {failure.reason}")
    if len(failed) > _SHOWN_FAILURES:
        say(f"{len(failed) - _SHOWN_FAILURES:,} more skipped; --json lists them all with their reasons")


def check_output(path: Path) -> None:
    """Refuse a file that could not be written, before the work begins.

    Raises:
        ConfigError: its ending is not known, or its folder is missing.
    """
    if path.suffix.lower() not in _FORMATS:
        raise ConfigError(f"--output expects a file ending in {', '.join(_FORMATS)}, got {str(path)!r}")
    if not path.parent.is_dir():
        raise ConfigError(f"--output: there is no folder {path.parent}; make it first")


def write_selection(path: Path, body: SelectionBody) -> None:
    """Write the whole result (.json) or the picks alone (.jsonl, .csv).

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        path.write_text(_FORMATS[path.suffix.lower()](body), encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def whole(body: SelectionBody) -> str:
    """The result as one JSON document."""
    return body.model_dump_json(indent=2) + "\n"


def _lines(body: SelectionBody) -> str:
    return "".join(f"{json.dumps(pick.model_dump(), ensure_ascii=False)}\n" for pick in body.selected)


def _table(body: SelectionBody) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("rank", "id", "uri", "score"))
    writer.writerows((pick.rank, pick.id, pick.uri, pick.score) for pick in body.selected)
    return file.getvalue()


_FORMATS: Mapping[str, Callable[[SelectionBody], str]] = {".json": whole, ".jsonl": _lines, ".csv": _table}
