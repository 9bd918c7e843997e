"""From bytes to characters, and what is no text."""

from __future__ import annotations

import codecs
from typing import Final

from alaas.errors import DecodeError

_MARKS: Final = (  # UTF-32 first: its little-endian mark starts with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(content: bytes) -> str:
    """Bytes to text: UTF-8, or what the byte order mark says; the mark itself is dropped.

    Raises:
        DecodeError: not text in that encoding, or nothing but white space.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        found = content[error.start : error.start + 4]
        raise DecodeError(
            f"not text in {encoding.upper()}: {found!r} at byte {error.start}; save it as UTF-8"
        ) from error
    if "\0" in text:
        raise DecodeError(
            "not text: it holds NUL bytes; if it is UTF-16, save it with a byte order mark or as UTF-8"
        )
    if not text.strip():
        raise DecodeError(f"empty text: {len(content)} bytes" + (" of white space" if text else ""))
    return text
