"""``alaas stream``: lines in, decisions out, on this machine and on a server."""

from __future__ import annotations

import json

from test_project_commands import Kept, away, project, store, trees  # noqa: F401


def lines_of(count: int, start: int = 100) -> str:
    items = [{"id": f"s{n}", "row": {"height": n / 7, "girth": n % 5}} for n in range(start, start + count)]
    return "".join(json.dumps(item) + "\n" for item in items)
