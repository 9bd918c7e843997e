"""``docs/benchmarks.md``, written from the results."""

from __future__ import annotations

from benchmarks.round._results import Results
from benchmarks.round._tables import (
    footprints_table,
    notes_list,
    requirements_table,
    rows_table,
    switches_table,
)

_HOW = """## How it was measured

- Every row chooses from the same images with the same weights (EfficientNet-Lite0, fp32) in processes of its
  own. Before the clock starts, its processes are up and it has answered one question about a few other
  images.
- A round lasts from the request to the answer: for the rows over HTTP at the client, else around the one
  call.
- Rows take turns, and each repeat measures every row again; seconds are medians, ratios
  medians of the ratios within each repeat. Read small differences as equal.
- *ours, cold* starts with an empty cache, *ours, warm* asks the same question again.
- *one after another* downloads all, decodes all, infers all and selects, with our decoder, model and
  strategy.
- *torch DataLoader + scikit-activeml* decodes in worker processes and runs torch on all cores; as many
  workers as were fastest in its warm-up.
- *original* is the server of ALaaS 0.2.1, asked by its own client's `query_by_uri`. It scales pixels by
  constants of its own, so its picks differ from ours by more than rounding.
- *limit* is the decoder alone on all cores plus the engine alone on all cores: same decoder, same model,
  contents in memory, the best of several thread and batch arrangements, no collating, hashing, storing or
  selecting counted.
- *top-1* is the accuracy of a linear head (L2-regularised, on normalised embeddings) trained on the chosen
  images alone; for random choice, mean ± standard deviation over {draws} draws.
- *memory* is the most that the row's processes held (over HTTP, the server's), shared pages shared out (PSS),
  sampled four times a second.
- *same picks* is the share of a row's choice that ours chose too.
- http0 and http50 are a local HTTP server, in a process of its own on the same cores, that answers after 0
  and 50 ms.
"""


def write_page(results: Results, random_draws: int) -> str:
    """The whole page as Markdown."""
    parts = [
        "# Benchmarks",
        "Written by `benchmarks/one_round.py`; do not edit. How to run it: "
        "[benchmarks/README.md](../benchmarks/README.md).",
        _machine(results),
        "## One round",
        f"Choose {results.budget:,} of {results.pool:,} images of {results.dataset} with "
        f"`{results.strategy}`; the head is tested on {results.test:,} images.",
        rows_table(results),
        notes_list(results),
        "## What must hold",
        requirements_table(results),
    ]
    if results.switches:
        parts += [
            "## What each part is worth",
            "Ours in process with one part switched off; worth is how many times longer the round takes.",
            switches_table(results),
        ]
    if results.footprints:
        parts += [
            "## Memory",
            "One cold round in process, the pool listed in a manifest; the whole life of the process counts.",
            footprints_table(results),
        ]
    return "\n\n".join([*parts, _HOW.format(draws=random_draws)])


def _machine(results: Results) -> str:
    machine = results.machine
    versions = ", ".join(f"{name} {number}" for name, number in machine.packages.items())
    lines = [
        f"- {results.date}, commit {machine.commit}: `{results.command}`",
        f"- {machine.processor}, {machine.cores} cores, {machine.memory_gb:g} GB memory, {machine.system}",
        f"- Python {machine.python}, {versions}",
    ]
    for name, packages in results.peers.items():
        listed = ", ".join(f"{package} {number}" for package, number in packages.items())
        lines.append(f"- environment `{name}`: {listed}")
    return "\n".join(lines)
