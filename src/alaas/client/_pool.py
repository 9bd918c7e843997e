"""From what a caller has in hand to the items of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pydantic import ValidationError

from alaas.errors import UsageError
from alaas.protocol import ItemBody, NewItemBody, SourceBody
from alaas.types import JSON, Item

AnyItem: TypeAlias = Item | ItemBody | Mapping[str, JSON]
AnyImage: TypeAlias = bytes | str | Path
AnySource: TypeAlias = str | Path | list[str] | SourceBody
B = TypeVar("B", bound=ItemBody)

_MOST_ITEMS = 5000
_MOST_BYTES = 32_000_000
"""What one request carries at most, before base64 makes a third more of it."""


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
    found = _bodies({"items": items, "uris": uris, "texts": texts, "images": images}, ItemBody)
    return None if found is None else [*found]


def new_items(
    *,
    items: Iterable[AnyItem] | None,
    uris: Iterable[str] | None,
    texts: Iterable[str] | None,
    images: Iterable[AnyImage] | None,
) -> Iterator[NewItemBody]:
    """The items to add to a project, one after another, so that many images need not be held at once.

    Raises:
        UsageError: nothing or more than one kind was given, an item is malformed, or an image cannot be read.
    """
    found = _bodies({"items": items, "uris": uris, "texts": texts, "images": images}, NewItemBody)
    if found is None:
        raise UsageError("got nothing to add; give one of source, items, uris, texts and images")
    return found


def pieces(items: Iterable[NewItemBody]) -> Iterator[list[NewItemBody]]:
    """Items in lists that fit into one request each."""
    piece: list[NewItemBody] = []
    size = 0
    for item in items:
        grown = size + _size(item)
        if piece and (len(piece) == _MOST_ITEMS or grown > _MOST_BYTES):
            yield piece
            piece, grown = [], _size(item)
        piece.append(item)
        size = grown
    if piece:
        yield piece


def _size(item: ItemBody) -> int:
    return len(item.blob or b"") + len(item.text or "") + len(item.uri or "")


def _bodies(given: Mapping[str, Iterable[object] | None], body: type[B]) -> Iterator[B] | None:
    kinds = [name for name, value in given.items() if value is not None]
    if len(kinds) > 1:
        raise UsageError(f"got {' and '.join(kinds)}; give one of items, uris, texts and images")
    if kinds and isinstance(given[kinds[0]], (str, bytes)):
        raise UsageError(
            f"{kinds[0]} must be a list, got one {type(given[kinds[0]]).__name__}; put it in brackets"
        )
    if not kinds:
        return None
    return _made(given[kinds[0]] or (), _WAYS[kinds[0]], body)


def _made(things: Iterable[object], make: Callable[..., Any], body: type[B]) -> Iterator[B]:
    for thing in things:
        try:
            yield make(thing, body)
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(f"an item is malformed: {first['msg']}, got {first['input']!r}") from error


def _uri(uri: str, body: type[B]) -> B:
    return body(uri=uri)


def _text(text: str, body: type[B]) -> B:
    return body(text=text)


def _item(item: AnyItem, body: type[B]) -> B:
    if isinstance(item, Item):
        said: dict[str, object] = {
            "id": item.id,
            "uri": item.uri,
            "text": item.text,
            "row": None if item.row is None else dict(item.row),
            "blob": item.content,
            "cost": item.cost,
            "metadata": dict(item.metadata),
        }
        return body.model_validate(said | ({"label": item.label} if body is NewItemBody else {}))
    if isinstance(item, ItemBody):
        return body.model_validate({name: getattr(item, name) for name in item.model_fields_set})
    return body.model_validate(item)


def _image(image: AnyImage, body: type[B]) -> B:
    if isinstance(image, bytes):
        return body(blob=image)
    try:
        return body(id=str(image), blob=Path(image).read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read the image {str(image)!r}: {error.strerror or error}") from error


_WAYS: Mapping[str, Callable[..., Any]] = {"items": _item, "uris": _uri, "texts": _text, "images": _image}
