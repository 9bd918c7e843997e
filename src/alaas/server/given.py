"""From the items of a request to items."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from alaas.config import Config
from alaas.errors import LimitError
from alaas.protocol import ItemBody, NewItemBody
from alaas.server.limits import check_item_count
from alaas.types import Item


def items_of(bodies: Sequence[ItemBody], config: Config) -> list[Item]:
    """The items; one without an id is called by its URI, or by a digest of what it carries.

    So sending the same items again adds nothing. Labels that came along are kept; several are joined by
    semicolons, as in a manifest.

    Raises:
        LimitError: more items than one request may name, or an uploaded one is too large.
    """
    check_item_count(len(bodies), config.limits.max_request_items)
    most = int(config.limits.max_item_bytes)
    return [_item(body, place, most) for place, body in enumerate(bodies)]


def _item(body: ItemBody, place: int, most: int) -> Item:
    if body.blob is not None and len(body.blob) > most:
        raise LimitError(
            f"items[{place}]: the uploaded content has {len(body.blob)} bytes, {most} are allowed; send a "
            "smaller one or its URI, or raise limits.max_item_bytes on the server"
        )
    label = body.label if isinstance(body, NewItemBody) else None
    return Item(
        id=body.id or body.uri or _digest(body),
        uri=body.uri,
        text=body.text,
        row=body.row,
        content=body.blob,
        cost=body.cost,
        metadata=body.metadata,
        label=";".join(label) if isinstance(label, list) else label,
    )


def _digest(body: ItemBody) -> str:
    content = body.blob
    if content is None:
        content = (body.text if body.text is not None else json.dumps(body.row, sort_keys=True)).encode(
            "utf-8", "surrogatepass"
        )
    return hashlib.sha256(content).hexdigest()[:32]
