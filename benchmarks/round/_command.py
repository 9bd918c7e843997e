"""The run as a whole: measure, judge, print, write."""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace

from benchmarks._machine import describe_machine
from benchmarks._worker import ROOT, Worker, WorkerError, module
from benchmarks.peers import ENVIRONMENTS
from benchmarks.round._ablation import ablate
from benchmarks.round._dataset import Dataset, open_dataset, sample
from benchmarks.round._head import RANDOM_DRAWS, Judge, open_judge
from benchmarks.round._memory_runs import measure_footprint
from benchmarks.round._options import EVERYWHERE, SLOW, SOURCES, parse_options
from benchmarks.round._page import write_page
from benchmarks.round._requirements import requirements
from benchmarks.round._results import Footprint, Results, summarise
from benchmarks.round._tables import (
    footprints_table,
    notes_list,
    requirements_table,
    rows_table,
    switches_table,
)
from benchmarks.round.rows import ROWS, Place, Round, Task

_WARMUP = 64
_MEMORY_POOLS = (10_000, 40_000)
_PEER_PACKAGES = ("torch", "alaas", "jina", "scikit-activeml")


def main() -> int:
    """Run; the exit code is 1 if something that was measured does not hold."""
    options = parse_options()
    options.scratch.mkdir(parents=True, exist_ok=True)
    dataset = open_dataset(options.data, options.scratch)
    with Worker(module("benchmarks.round._objects", str(dataset.folder)), ready="port") as objects:
        base = f"http://127.0.0.1:{objects.greeting}"
        places = {name: Place(name=name, base=base) for name in SOURCES}
        task = _task(options, dataset, places["file"])
        skipped: list[str] = []
        rounds = list(_measure(options, task, places, skipped))
        switches = ablate(task, places, options.repeats) if options.ablate else ()
    footprints = _footprints(task, skipped) if options.memory else ()
    judge, tested = _judge(options, task)
    drawn = judge.random_top1(min(options.budget, options.pool), options.seed)
    results = Results(
        machine=describe_machine(),
        peers=_peers(options),
        command=" ".join(["python benchmarks/one_round.py", *_portable(sys.argv[1:])]),
        date=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        dataset=dataset.name,
        pool=options.pool,
        budget=options.budget,
        strategy=options.strategy,
        test=tested,
        random_top1=(statistics.mean(drawn), statistics.pstdev(drawn)),
        lines=summarise(
            rounds, {picks: judge.top1(picks) for picks in {r.selected for r in rounds if r.selected}}
        ),
        switches=switches,
        footprints=footprints,
        skipped=tuple(skipped),
    )
    _print(results)
    _write(options, results)
    return int(any(found.holds is False for found in requirements(results)))


def _task(options: argparse.Namespace, dataset: Dataset, place: Place) -> Task:
    return Task(
        dataset=dataset,
        pool=sample(dataset.train, options.pool, options.seed),
        warmup=sample(dataset.test, min(_WARMUP, len(dataset.test)), options.seed),
        budget=min(options.budget, options.pool),
        strategy=options.strategy,
        seed=options.seed,
        place=place,
        scratch=options.scratch,
        peers=options.peers,
    )


def _measure(
    options: argparse.Namespace, task: Task, places: Mapping[str, Place], skipped: list[str]
) -> Iterator[Round]:
    """Every row in turn, then again: what slows the machine for a while meets all of them."""
    for repeat in range(max(options.repeats, options.slow_repeats)):
        for source in options.sources:
            here = replace(task, place=places[source])
            for name in options.rows:
                if repeat >= (options.slow_repeats if name in SLOW else options.repeats):
                    continue
                if source != "file" and name not in EVERYWHERE and not options.full:
                    continue
                if reason := _missing(options, name) or ROWS[name].refusal(here):
                    _skip(skipped, f"{name}: {reason}")
                    continue
                for measured in _turn(name, here, skipped):
                    speed = f"{measured.seconds:8.3f} s {measured.items / measured.seconds:9,.0f} images/s"
                    print(f"{repeat + 1}  {measured.row:38} {source:7} {speed}", flush=True)
                    yield replace(measured, repeat=repeat)


def _turn(name: str, task: Task, skipped: list[str]) -> list[Round]:
    """One row's rounds; a row that breaks does not take the others' results with it."""
    try:
        return ROWS[name].measure(task)
    except WorkerError as error:
        print(error, file=sys.stderr, flush=True)
        _skip(skipped, f"{name}: it failed with files from {task.place.name}")
        return []


def _skip(skipped: list[str], line: str) -> None:
    if line not in skipped:
        skipped.append(line)
        print(f"skipped: {line}", flush=True)


def _missing(options: argparse.Namespace, name: str) -> str | None:
    environment = ROWS[name].needs_environment
    if environment is None or ENVIRONMENTS[environment].ready(options.peers):
        return None
    command = f"python -m benchmarks.peers {environment} --peers {options.peers}"
    return f"its environment is missing; make it with: {command}"


def _footprints(task: Task, skipped: list[str]) -> tuple[Footprint, ...]:
    measured = []
    for items in _MEMORY_POOLS:
        if len(task.dataset.train) < items:
            _skip(skipped, f"memory: the data set has {len(task.dataset.train)} training images, not {items}")
            continue
        print(f"memory of a round over {items:,} images", flush=True)
        measured.append(measure_footprint(task, items))
    return tuple(measured)


def _judge(options: argparse.Namespace, task: Task) -> tuple[Judge, int]:
    print("training the heads", flush=True)
    test = sample(task.dataset.test, min(options.test, len(task.dataset.test)), options.seed)
    return open_judge(task.dataset, task.pool, test), len(test)


def _peers(options: argparse.Namespace) -> dict[str, dict[str, str]]:
    found = {}
    for name, environment in ENVIRONMENTS.items():
        if name in options.rows and environment.ready(options.peers):
            command = [str(environment.python(options.peers)), "-m", "pip", "list", "--format", "json"]
            listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            found[name] = {p["name"]: p["version"] for p in listed if p["name"] in _PEER_PACKAGES}
    return found


def _portable(arguments: list[str]) -> Iterator[str]:
    """The command for the page: folders of this machine are shortened to their last part."""
    for argument in arguments:
        yield argument.rstrip("/").rpartition("/")[2]


def _print(results: Results) -> None:
    tables = [rows_table(results), notes_list(results), requirements_table(results)]
    tables += [switches_table(results)] if results.switches else []
    tables += [footprints_table(results)] if results.footprints else []
    print("\n" + "\n\n".join(table for table in tables if table))


def _write(options: argparse.Namespace, results: Results) -> None:
    if options.json is not None:
        options.json.write_text(json.dumps(results.to_json(), indent=1) + "\n", encoding="utf-8")
    if options.write_docs:
        (ROOT / "docs" / "benchmarks.md").write_text(write_page(results, RANDOM_DRAWS), encoding="utf-8")
