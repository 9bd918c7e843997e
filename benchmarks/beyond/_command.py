"""The run as a whole: measure the sections, judge, print, write."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks._machine import describe_machine
from benchmarks._places import default_peers, default_scratch
from benchmarks._worker import ROOT
from benchmarks.beyond._page import shown, write_page
from benchmarks.beyond.sections import SECTIONS, Run
from benchmarks.round._dataset import open_dataset, sample
from benchmarks.round.rows import Place, Task

_WARMUP = 64


def main() -> int:
    """Run; the exit code is 1 if something that was measured does not hold, or a row broke."""
    options = _options()
    options.scratch.mkdir(parents=True, exist_ok=True)
    run = _run(options)
    machine = describe_machine(("openvino", "ray"))
    found = [SECTIONS[name].measure(run) for name in options.sections]
    date = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    command = " ".join(["python benchmarks/engines.py", *map(_portable, sys.argv[1:])])
    print("\n" + "\n\n".join(shown(found, run.skipped)))
    if options.json is not None:
        made = {
            "date": date,
            "command": command,
            "machine": asdict(machine),
            "sections": dict(zip(options.sections, (section.to_json() for section in found), strict=True)),
            "skipped": run.skipped,
        }
        options.json.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    if options.write_docs:
        page = write_page(machine, command, date, found, run.skipped)
        (ROOT / "docs" / "benchmarks-engines.md").write_text(page, encoding="utf-8")
    missed = any(r.holds is False for section in found for r in section.requirements)
    return int(missed or bool(run.failed))


def _run(options: argparse.Namespace) -> Run:
    dataset = open_dataset(options.data, options.scratch)
    task = Task(
        dataset=dataset,
        pool=sample(dataset.train, options.pool, options.seed),
        warmup=sample(dataset.test, min(_WARMUP, len(dataset.test)), options.seed),
        budget=min(options.budget, options.pool),
        strategy=options.strategy,
        seed=options.seed,
        place=Place(name="file"),
        scratch=options.scratch,
        peers=options.peers,
    )
    return Run(
        dataset=dataset,
        task=task,
        repeats=options.repeats,
        slow_repeats=options.slow_repeats,
        ray_items=options.ray_items,
        seed=options.seed,
        peers=options.peers,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks/engines.py",
        description="Engines, precisions, a serving engine and Ray, in one run.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--sections", default=",".join(SECTIONS), help="which, comma-separated")
    parser.add_argument("--data", type=Path, help="folder or tar.gz with train/ and test/; else MNIST digits")
    parser.add_argument("--pool", type=int, default=1000, help="images to choose from")
    parser.add_argument("--budget", type=int, default=100, help="images to choose")
    parser.add_argument("--strategy", default="least_confidence")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=2, help="times that quick rows are measured")
    parser.add_argument("--slow-repeats", type=int, default=1, help="the original, and both runtimes")
    parser.add_argument("--ray-items", type=int, default=20_000, help="images for both runtimes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was measured")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks-engines.md")
    parser.add_argument("--peers", type=Path, default=default_peers(), help="the peers' environments")
    parser.add_argument("--scratch", type=Path, default=default_scratch(), help="unpacked data and caches")
    options = parser.parse_args()
    options.sections = tuple(name.strip() for name in options.sections.split(",") if name.strip())
    if unknown := sorted(set(options.sections) - set(SECTIONS)):
        parser.error(f"unknown section {unknown[0]!r}; choose from {', '.join(SECTIONS)}")
    return options


def _portable(argument: str) -> str:
    """Folders of this machine are shortened to their last part."""
    return argument.rstrip("/").rpartition("/")[2]
