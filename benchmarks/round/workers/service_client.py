"""Ours over HTTP: ``alaas.Client`` asks a server whose address is the argument."""

from __future__ import annotations

import sys
import time

import alaas
from benchmarks._worker import Message, serve


def main() -> None:
    """Answer until stdin ends."""
    with alaas.Client(sys.argv[1]) as client:

        def answer(question: Message) -> Message:
            started = time.perf_counter()
            selection = client.select(
                question["uris"], budget=question["budget"], strategy=question["strategy"]
            )
            seconds = time.perf_counter() - started
            return {
                "seconds": seconds,
                "selected": selection.uris,
                "failed": [f"{failed.uri}: {failed.reason}" for failed in selection.failed],
                "cache_hits": selection.stats.cache_hits,
                "bottleneck": selection.stats.bottleneck,
                "runs": (selection.provenance.encoder_fingerprint or "").rpartition(" | ")[2],
            }

        serve(answer)


if __name__ == "__main__":
    main()
