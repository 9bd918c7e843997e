"""Ask the server of ALaaS 0.2.1 with its own client, one question a line.

Runs inside the peer's own environment. Reads ``{"uris": […], "budget": 100}`` from stdin and answers
``{"seconds": 1.5, "selected": […]}``, the time of the client's one call, request to answer.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Serve questions until stdin ends."""
    import torchvision_operators  # noqa: F401  (importing alaas imports its server, and that torchvision)

    from alaas.client import Client

    client = Client(sys.argv[1])
    for line in sys.stdin:
        question = json.loads(line)
        started = time.perf_counter()
        selected = client.query_by_uri(question["uris"], budget=question["budget"])
        seconds = time.perf_counter() - started
        print("answer " + json.dumps({"seconds": seconds, "selected": selected}), flush=True)


if __name__ == "__main__":
    main()
