"""Reads a manifest into a project, in a process of its own so that its memory can be told.

    python -m benchmarks.service._import STORE MANIFEST

Prints JSON: seconds, items, and the most resident memory in bytes.
"""

from __future__ import annotations

import json
import os
import sys
import time

from alaas.config import Config
from alaas.projects import Project
from benchmarks._memory import high_water


def main(store: str, manifest: str) -> None:
    """Add the manifest's items, and nothing else."""
    config = Config.model_validate({"name": f"import-{os.getpid()}", "modality": "image"})
    with Project.open(config, store=store) as project:
        began = time.perf_counter()
        added = project.add(manifest)
        print(
            json.dumps({"seconds": time.perf_counter() - began, "items": added.added, "memory": high_water()})
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
