"""``python -m alaas.strategies``: write the zoo's page of the documentation, ``docs/zoo.md``."""

from __future__ import annotations

import sys

from alaas.strategies._catalogue import catalogue

if __name__ == "__main__":
    sys.stdout.write(catalogue())
