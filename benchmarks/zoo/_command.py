"""The run as a whole: measure, judge, print, write."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks._machine import describe_machine
from benchmarks._places import default_peers, default_scratch
from benchmarks._worker import ROOT, Message, Worker, WorkerError, module
from benchmarks.peers import ENVIRONMENTS
from benchmarks.peers.zoo import PACKAGES
from benchmarks.zoo._arrays import make_arrays
from benchmarks.zoo._page import print_results, write_page
from benchmarks.zoo._plan import SECTIONS, Task, plan
from benchmarks.zoo._results import OURS, Measurement, Results, requirements

_PATIENCE = 60.0
"""Seconds after which a strategy is not asked for larger pools and budgets of the same section."""


def main() -> int:
    """Run; the exit code is 1 if something that was measured does not hold."""
    options = _options()
    skipped: list[str] = []
    measurements = tuple(_measure(options, skipped))
    results = Results(
        machine=describe_machine(),
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        command=" ".join(["python benchmarks/strategies.py", *sys.argv[1:]]),
        measurements=measurements,
        skipped=tuple(dict.fromkeys(skipped)),
    )
    if options.keep:
        earlier = Results.from_json(json.loads(options.keep.read_text(encoding="utf-8")))
        results = results.with_rows_of(earlier)
    print_results(results)
    if options.json:
        options.json.write_text(json.dumps(results.as_json(), indent=1), encoding="utf-8")
    if options.write_docs:
        write_page(results, ROOT / "docs")
    return int(any(found.holds is False for found in requirements(results)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python benchmarks/strategies.py")
    listed = "; ".join(f"{name}: {meaning}" for name, meaning in SECTIONS.items())
    parser.add_argument("--sections", default=",".join(SECTIONS), help=f"what is measured ({listed})")
    parser.add_argument("--strategies", help="only these, separated by commas")
    parser.add_argument("--no-peers", action="store_true", help="leave the other packages out")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    parser.add_argument("--keep", type=Path, help="take what is not measured from this file")
    parser.add_argument("--write-docs", action="store_true", help="write docs/benchmarks-strategies.md")
    parser.add_argument("--scratch", type=Path, default=default_scratch(), help="where the arrays are kept")
    parser.add_argument(
        "--peers", type=Path, default=default_peers(), help="folder of the peers' environments"
    )
    options = parser.parse_args()
    options.sections = tuple(options.sections.split(","))
    unknown = sorted(set(options.sections) - set(SECTIONS))
    if unknown:
        parser.error(f"unknown section {unknown[0]!r}; choose from {', '.join(SECTIONS)}")
    return options


def _measure(options: argparse.Namespace, skipped: list[str]) -> Iterator[Measurement]:
    slow: dict[tuple[str, str, str], bool] = {}
    only = None if options.strategies is None else set(options.strategies.split(","))
    with ExitStack() as stack:
        packages = {} if options.no_peers else _open_peers(options, stack, skipped)
        for task in plan(options.sections):
            if only is not None and task.strategy not in only:
                continue
            question = {
                "strategy": task.strategy,
                "files": make_arrays(task.shape, options.scratch),
                "budget": task.budget,
                "repeats": task.repeats,
                "mapped": task.mapped,
                "gauge": task.gauge,
            }
            ours: Message | None = None
            for package in (OURS, *(name for name in task.beside if task.strategy in packages.get(name, ()))):
                key = (task.section, package, task.strategy)
                if slow.get(key):
                    skipped.append(f"{task.strategy} by {package} on larger {task.section}: too slow")
                    continue
                answer = _ask(options, package, question, skipped)
                if answer is None:
                    continue
                slow[key] = answer["seconds"] > _PATIENCE
                ours = answer if package == OURS else ours
                yield _said(task, package, answer, ours)


def _ask(options: argparse.Namespace, package: str, question: Message, skipped: list[str]) -> Message | None:
    """Ask in a process of its own, so that memory is this call's alone."""
    try:
        with Worker(_program(options, package)) as worker:
            return worker.ask(question)
    except WorkerError as error:
        skipped.append(
            f"{question['strategy']} by {package}: it failed ({str(error).splitlines()[-1][:120]})"
        )
        return None


def _said(task: Task, package: str, answer: Message, ours: Message | None) -> Measurement:
    agreement = None
    if ours is not None and package != OURS:
        mine = set(ours["picks"])
        agreement = len(mine & set(answer["picks"])) / len(mine)
    shape = f"{task.shape.items:>9,} × {task.shape.dimensions:<4} B {task.budget:>5,}"
    print(
        f"{task.section:8} {task.strategy:30} {package:11} {shape} {answer['seconds']:9.3f} s "
        f"{answer['extra'] / 1e6:8,.0f} MB",
        flush=True,
    )
    return Measurement(
        task=task,
        package=package,
        seconds=answer["seconds"],
        extra=answer["extra"],
        most=answer["most"],
        work=answer["work"],
        agreement=agreement,
    )


def _open_peers(
    options: argparse.Namespace, stack: ExitStack, skipped: list[str]
) -> dict[str, tuple[str, ...]]:
    """What each package offers."""
    if not ENVIRONMENTS["zoo"].ready(options.peers):
        skipped.append("other packages: make their environment with python -m benchmarks.peers zoo")
        return {}
    found = {}
    for package in PACKAGES:
        try:
            worker = stack.enter_context(Worker(_program(options, package)))
            found[package] = tuple(worker.ask({})["strategies"])
        except WorkerError as error:
            skipped.append(f"{package}: it cannot be loaded ({str(error).splitlines()[-1][:120]})")
    stack.close()
    return found


def _program(options: argparse.Namespace, package: str) -> list[str]:
    if package == OURS:
        return module("benchmarks.zoo.ours")
    return [str(ENVIRONMENTS["zoo"].python(options.peers)), "-m", "benchmarks.peers.zoo", package]
