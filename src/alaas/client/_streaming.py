"""Offering a stream to a project."""

from __future__ import annotations

from collections.abc import Iterable

from alaas.client._calls import path_of, sent
from alaas.client._exchange import Steps, ask, parse
from alaas.client._pool import AnyImage, AnyItem, new_items, pieces
from alaas.protocol import NewItemBody, OfferedBody, StreamRequest


def offer(
    name: str,
    items: Iterable[AnyItem] | None = None,
    *,
    uris: Iterable[str] | None = None,
    texts: Iterable[str] | None = None,
    images: Iterable[AnyImage] | None = None,
) -> Steps[OfferedBody]:
    """Offer items of a stream: each is taken into the pool at once, or let go.

    Many are sent in several requests. The same items again are answered the same and cost nothing, so a call
    that was cut off can be repeated.

    Args:
        name: the project's.
        items: items with ids of your own, costs or metadata, or rows of a table, in the order of their
            arrival.
        uris: addresses that the server can reach.
        texts: texts; called by a digest of what they say.
        images: images to upload, as bytes or as paths on this machine.

    Raises:
        UsageError: nothing or more than one kind was given, or an item is malformed.
        ServerError: the server refused.
    """
    offered: OfferedBody | None = None
    for piece in pieces(new_items(items=items, uris=uris, texts=texts, images=images)):
        part = yield from _decided(name, piece)
        if offered is not None:
            part = part.model_copy(update={"decisions": [*offered.decisions, *part.decisions]})
        offered = part
    return offered or (yield from _decided(name, []))  # without items the account alone is asked for


def _decided(name: str, items: list[NewItemBody]) -> Steps[OfferedBody]:
    content = StreamRequest(items=items).model_dump_json(exclude_defaults=True).encode()
    return parse((yield from ask(sent("POST", path_of(name, "stream"), content))), OfferedBody)
