"""Every strategy, measured: beside the machine's limits, beside other packages, and as pools grow.

    python benchmarks/strategies.py --sections scores,kernels

Prints what must hold, and can write the documentation's page; see benchmarks/README.md.
"""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":
    # As a file, Python looks for modules beside it; the package is one folder up.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.zoo._command import main

    sys.exit(main())
