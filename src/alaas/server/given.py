"""From the items of a request to items."""

from __future__ import annotations

from collections.abc import Sequence

from alaas.config import Config
from alaas.errors import LimitError
from alaas.protocol import ItemBody
from alaas.server.limits import check_item_count
from alaas.types import Item


def items_of(bodies: Sequence[ItemBody], config: Config) -> list[Item]:
    """The items; one without an id is called by its URI, or by a digest of what it carries.

    So sending the same items again adds nothing. Labels that came along are kept.

    Raises:
        LimitError: more items than one request may name, or an uploaded one is too large.
    """
    check_item_count(len(bodies), config.limits.max_request_items)
    most = int(config.limits.max_item_bytes)
    for place, body in enumerate(bodies):
        if body.blob is not None and len(body.blob) > most:
            raise LimitError(
                f"items[{place}]: the uploaded content has {len(body.blob)} bytes, {most} are allowed; send "
                "a smaller one or its URI, or raise limits.max_item_bytes on the server"
            )
    return [body.item() for body in bodies]
