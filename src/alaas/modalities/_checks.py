"""What an item carries, and the refusal of what a modality does not take or what is too large."""

from __future__ import annotations

from typing import Final, Literal

from alaas.config import LimitSettings
from alaas.errors import DecodeError
from alaas.types import Item, ModalityName

Carried = Literal["uri", "text", "row", "content"]

_WORDS: Final = {"uri": "a URI", "text": "text", "row": "a table row", "content": "bytes"}
_MENDS: Final = {
    "text": 'set "modality: text" and a text model, or give the file\'s uri',
    "row": 'set "modality: table", or name the column that holds the uri or the text',
    "uri": 'set "modality: image" or "modality: text", or read the file as a manifest of rows',
    "content": 'set "modality: image" or "modality: text"',
}


def carried(item: Item) -> Carried:
    """Which of its fields carries the thing itself.

    Raises:
        DecodeError: none does.
    """
    if item.content is not None:
        return "content"
    if item.text is not None:
        return "text"
    if item.row is not None:
        return "row"
    if item.uri is not None:
        return "uri"
    raise DecodeError("the item carries nothing: give it one of uri, text, row and content")


def refusal(modality: ModalityName, found: Carried) -> DecodeError:
    """The error for an item that carries something of another modality."""
    return DecodeError(
        f"the item carries {_WORDS[found]}, which is not for modality {modality}: {_MENDS[found]}"
    )


def inline_text(modality: ModalityName, item: Item) -> bytes | None:
    """The bytes of an item that carries a text; None if they must be fetched.

    Raises:
        DecodeError: it carries something else, or half a character.
    """
    found = carried(item)
    if found == "row":
        raise refusal(modality, found)
    if item.content is not None or item.text is None:
        return item.content
    try:
        return item.text.encode()
    except UnicodeEncodeError as error:
        raise DecodeError(f"not a text: half of a surrogate pair at character {error.start}") from error


def check_bytes(content: bytes, limits: LimitSettings) -> None:
    """Refuse an item of more bytes than the limits allow.

    Raises:
        DecodeError: it has more.
    """
    if len(content) > limits.max_item_bytes:
        raise DecodeError(
            f"{len(content):,} bytes, more than the {limits.max_item_bytes:,} of max_item_bytes"
        )
