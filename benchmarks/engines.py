"""Engines, precisions, a serving engine and Ray, measured beside what they are compared with, in one run.

    python benchmarks/engines.py --data cifar10-jpeg.tar.gz --json engines.json --write-docs

Prints tables and what must hold; see benchmarks/README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # As a file, Python looks for modules beside it; the package is one folder up.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.beyond._command import main

    sys.exit(main())
