"""The verbs of ALaaS 0.2, with its argument names and what it gave back."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from alaas.client._exchange import Steps
from alaas.client._verbs import select
from alaas.errors import UsageError


def query_by_uri(
    input_uris: Sequence[str], budget: int, divide_mode: bool = False, n_drop: int | None = None
) -> Steps[list[str]]:
    """Choose among addresses that the server can reach, by the server's strategy.

    Args:
        input_uris: the pool.
        budget: how many to choose.
        divide_mode: kept for 0.2, where it sent the data one by one and chose nothing; a large pool needs no
            dividing here, and is chosen from.
        n_drop: kept for 0.2; Monte-Carlo dropout is not served.

    Returns:
        The chosen addresses, best first.

    Raises:
        UsageError: ``n_drop`` asks for dropout.
        ServerError: the server refused, the query failed, or nobody answered.
    """
    _check(divide_mode, n_drop)
    selection = yield from select(uris=input_uris, budget=budget)
    return [chosen.uri for chosen in selection.selected if chosen.uri is not None]


def query_by_text(
    texts: Sequence[str], budget: int, divide_mode: bool = False, n_drop: int | None = None
) -> Steps[list[str]]:
    """Choose among texts; see ``query_by_uri``.

    Returns:
        The chosen texts, best first.
    """
    _check(divide_mode, n_drop)
    selection = yield from select(texts=texts, budget=budget)
    return [texts[int(chosen.id)] for chosen in selection.selected]


def query_by_images(
    path_list: Sequence[str | Path], budget: int, divide_mode: bool = False, n_drop: int | None = None
) -> Steps[list[str]]:
    """Upload image files of this machine and choose among them; see ``query_by_uri``.

    Returns:
        The content of the chosen images in base64, best first, as 0.2 gave it. ``select(images=…)`` gives
        their paths.
    """
    _check(divide_mode, n_drop)
    selection = yield from select(images=path_list, budget=budget)
    return [base64.b64encode(Path(chosen.id).read_bytes()).decode("ascii") for chosen in selection.selected]


def _check(divide_mode: bool, n_drop: int | None) -> None:
    if not isinstance(divide_mode, bool):
        raise UsageError(f"divide_mode must be True or False, got {divide_mode!r}")
    if n_drop not in (None, 0, 1):
        raise UsageError(f"n_drop={n_drop!r} asks for Monte-Carlo dropout, which is not served; leave it out")
