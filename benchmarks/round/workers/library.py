"""Ours in process: one ``alaas.Selector``, asked again and again.

Its argument is the configuration as JSON.
"""

from __future__ import annotations

import sys
import time

from alaas.config import Config, SourceSettings
from alaas.selecting import Selector
from benchmarks._memory import high_water
from benchmarks._worker import Message, serve


def main() -> None:
    """Answer until stdin ends."""
    with Selector(Config.model_validate_json(sys.argv[1])) as selector:

        def answer(question: Message) -> Message:
            started = time.perf_counter()
            selection = selector.select(
                SourceSettings(uri=question["uris"]),
                budget=question["budget"],
                strategy=question["strategy"],
                modality="image",
            )
            seconds = time.perf_counter() - started
            return {
                "seconds": seconds,
                "selected": [chosen.item.uri for chosen in selection.selected],
                "failed": [f"{failed.uri}: {failed.reason}" for failed in selection.failed],
                "cache_hits": selection.stats.cache_hits,
                "bottleneck": selection.stats.bottleneck,
                "runs": (selection.provenance.encoder_fingerprint or "").rpartition(" | ")[2],
                "high_water": high_water(),
            }

        serve(answer)


if __name__ == "__main__":
    main()
