"""From what a caller has in hand to the items of a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

from pydantic import ValidationError

from alaas.errors import UsageError
from alaas.protocol import ItemBody, SourceBody
from alaas.types import JSON, Item

AnyItem: TypeAlias = Item | ItemBody | Mapping[str, JSON]
AnyImage: TypeAlias = bytes | str | Path
AnySource: TypeAlias = str | Path | list[str] | SourceBody


def source_body(source: AnySource | None) -> SourceBody | None:
    """Where the server finds the items."""
    if source is None or isinstance(source, SourceBody):
        return source
    return SourceBody(uri=source if isinstance(source, list) else str(source))


def item_bodies(
    *,
    items: Iterable[AnyItem] | None,
    uris: Iterable[str] | None,
    texts: Iterable[str] | None,
    images: Iterable[AnyImage] | None,
) -> list[ItemBody] | None:
    """The items of a request, in their order; None if nothing was given.

    Raises:
        UsageError: more than one kind was given, an item is malformed, or an image cannot be read.
    """
    given = {"items": items, "uris": uris, "texts": texts, "images": images}
    kinds = [name for name, value in given.items() if value is not None]
    if len(kinds) > 1:
        raise UsageError(f"got {' and '.join(kinds)}; give one of items, uris, texts and images")
    if kinds and isinstance(given[kinds[0]], (str, bytes)):
        raise UsageError(
            f"{kinds[0]} must be a list, got one {type(given[kinds[0]]).__name__}; put it in brackets"
        )
    try:
        if items is not None:
            return [_item(item) for item in items]
        if uris is not None:
            return [ItemBody(uri=uri) for uri in uris]
        if texts is not None:
            return [ItemBody(text=text) for text in texts]
        return None if images is None else [_image(image) for image in images]
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(f"an item is malformed: {first['msg']}, got {first['input']!r}") from error


def _item(item: AnyItem) -> ItemBody:
    if isinstance(item, ItemBody):
        return item
    if isinstance(item, Item):
        return ItemBody(
            id=item.id,
            uri=item.uri,
            text=item.text,
            row=None if item.row is None else dict(item.row),
            blob=item.content,
            cost=item.cost,
            metadata=dict(item.metadata),
        )
    return ItemBody.model_validate(item)


def _image(image: AnyImage) -> ItemBody:
    if isinstance(image, bytes):
        return ItemBody(blob=image)
    try:
        return ItemBody(id=str(image), blob=Path(image).read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read the image {str(image)!r}: {error.strerror or error}") from error
