"""How Ray grows where stages wait, and what pools of 10 million and a billion images would take.

    python benchmarks/scaling.py --images FOLDER --json scaling.json --write-docs

Prints tables; the exit code is 1 if eight processes are not at least six times as fast as one.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scaling.md"
TARGET = 6.0


def main() -> int:
    """Measure, print, and write down."""
    from benchmarks._markdown import markdown_table
    from benchmarks.cluster._costs import measure_costs
    from benchmarks.cluster._growth import measure_growth
    from benchmarks.cluster._projection import Assumptions, projection

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=Path, help="a folder of images such as yours")
    parser.add_argument("--model", help="by default the zoo's for images")
    parser.add_argument("--strategy", default="k_center")
    parser.add_argument("--budget", type=int, default=1000)
    parser.add_argument("--items", type=int, default=300, help="for each process, when growth is measured")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write-docs", action="store_true")
    for field in fields(Assumptions):
        option = f"--{field.name.replace('_', '-')}"
        parser.add_argument(option, type=type(field.default), default=field.default)
    options = parser.parse_args()
    growth = measure_growth(items=options.items)
    base = growth[0].rate
    rows = [[str(one.workers), f"{one.rate:,.0f}", f"{one.rate / base:.2f}"] for one in growth]
    tables = {"growth": markdown_table(["processes", "items/s", "× one"], rows)}
    result: dict[str, object] = {"growth": [asdict(one) for one in growth]}
    if options.images:
        assumed = Assumptions(**{field.name: getattr(options, field.name) for field in fields(Assumptions)})
        cost = measure_costs(
            options.images, model=options.model, budget=options.budget, strategy=options.strategy
        )
        tables["projection"] = projection(cost, assumed)
        result |= {"per_item": asdict(cost), "assumptions": asdict(assumed)}
    for table in tables.values():
        print(table, end="\n\n")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if options.write_docs:
        write_down(tables)
    return 0 if growth[-1].rate >= TARGET * base else 1


def write_down(tables: dict[str, str]) -> None:
    """Put the tables between their marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        head, opening, rest = page.partition(f"<!-- {name} -->\n")
        _, closing, tail = rest.partition(f"<!-- end of {name} -->")
        page = f"{head}{opening}{table}\n{closing}{tail}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    # As a file, Python looks for modules beside it; the package is one folder up.
    sys.path[0] = str(ROOT)
    sys.exit(main())
