"""One round of active learning, measured: ours, its limit, a plain script, and other tools, in one run.

    python benchmarks/one_round.py --data cifar10-jpeg.tar.gz --json one_round.json

Prints a table and what must hold; see benchmarks/README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # As a file, Python looks for modules beside it; the package is one folder up.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.round._command import main

    sys.exit(main())
