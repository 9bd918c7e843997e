"""``python -m benchmarks.peers``: make the peers' environments, about 3 GB, some minutes each."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks._places import default_peers
from benchmarks.peers import ENVIRONMENTS


def main() -> None:
    """Make those that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(ENVIRONMENTS)}; by default all")
    parser.add_argument("--peers", type=Path, default=default_peers(), help="folder to make them in")
    parser.add_argument("--again", action="store_true", help="make anew what is there already")
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.names) - set(ENVIRONMENTS))
    if unknown:
        parser.error(f"unknown environment {unknown[0]!r}; choose from {', '.join(ENVIRONMENTS)}")
    for name in arguments.names or ENVIRONMENTS:
        environment = ENVIRONMENTS[name]
        if environment.ready(arguments.peers) and not arguments.again:
            print(f"{name}: ready in {arguments.peers / name}")
            continue
        environment.make(arguments.peers)


if __name__ == "__main__":
    main()
