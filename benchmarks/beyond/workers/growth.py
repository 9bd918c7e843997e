"""How fast a line of stages that wait goes once all its workers are up.

Its argument is the configuration as JSON; a question names ``uris``. Nothing is encoded: items are fetched
and decoded, and a few are drawn at random.
"""

from __future__ import annotations

import sys
import time

from alaas.config import Config, SourceSettings
from alaas.runtimes import Progress
from alaas.selecting import Selector
from benchmarks._worker import Message, serve

_FROM, _TO = 0.4, 0.9
"""The shares of the items between which the rate is taken: before, workers start; after, they run dry."""


def main() -> None:
    """Answer until stdin ends."""
    with Selector(Config.model_validate_json(sys.argv[1])) as selector:

        def answer(question: Message) -> Message:
            uris, glances = question["uris"], list[tuple[float, int]]()

            def note(glance: Progress) -> None:
                glances.append((time.perf_counter(), glance.done))

            began = time.perf_counter()
            selection = selector.select(
                SourceSettings(uri=uris), budget=1, strategy="random", modality="image", on_progress=note
            )
            seconds = time.perf_counter() - began
            first = next(glance for glance in glances if glance[1] >= _FROM * len(uris))
            last = next(glance for glance in glances if glance[1] >= _TO * len(uris))
            return {
                "seconds": seconds,
                "rate": (last[1] - first[1]) / max(last[0] - first[0], 1e-9),
                "failed": [f"{failed.uri}: {failed.reason}" for failed in selection.failed],
            }

        serve(answer)


if __name__ == "__main__":
    main()
