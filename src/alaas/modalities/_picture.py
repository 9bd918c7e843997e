"""From bytes to an opened picture: told by its first bytes, capped before a pixel is decoded.

Pillow's own ``Image.open`` warns or fails by a process-wide pixel limit and tries formats in turn. Here the
format follows from the first bytes, its reader is called directly, and the caps are those of the settings.
"""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable
from typing import Final

from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.ImageFile import ImageFile

from alaas.config import LimitSettings
from alaas.errors import DecodeError
from alaas.modalities._checks import check_bytes

_SCAN_BLOCK: Final = 1024
"""Bytes of a progressive JPEG between two looks at the clock: a scan of every pixel can be 10 bytes long."""

_FOREIGN: Final = (
    (b"%PDF", "a PDF document"),
    (b"II*\x00", "a TIFF picture"),
    (b"MM\x00*", "a TIFF picture"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
)


_SIGNS_OF_TRUNCATION: Final = ("truncated", "not enough", "not identified by this driver")
"""What Pillow says. The last, where the first bytes did fit, means that the header ends too soon."""


class _Jpeg(JpegImagePlugin.JpegImageFile):
    """Leaves the resolution unread: nothing here needs it, and broken EXIF would warn."""

    def _read_dpi_from_exif(self) -> None:
        pass


class _DeadlineBytes(io.BytesIO):
    """Bytes whose reading ends when time is up, which stops a decoder between two blocks."""

    def __init__(self, content: bytes, seconds: float) -> None:
        super().__init__(content)
        self.seconds = seconds
        self.deadline = time.monotonic() + seconds

    def read(self, size: int | None = -1, /) -> bytes:
        if time.monotonic() > self.deadline:
            raise DecodeError(f"not decoded within the {self.seconds:g} s of limits.max_decode_seconds")
        return super().read(size)


_READERS: Final[dict[str, Callable[[io.BytesIO], ImageFile]]] = {
    "JPEG": _Jpeg,
    "PNG": PngImagePlugin.PngImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
}


def picture_format(content: bytes) -> str:
    """JPEG, PNG, WebP, GIF or BMP, from the first bytes alone.

    Raises:
        DecodeError: it is none of them; the message says what the bytes start with.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WebP"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if content.startswith(b"BM"):
        return "BMP"
    if not content:
        raise DecodeError("empty, 0 bytes: expected a JPEG, PNG, WebP, GIF or BMP picture")
    kind = next(
        (f"{name}, which is not read: it " for magic, name in _FOREIGN if content.startswith(magic)), ""
    )
    raise DecodeError(
        f"not an image: {kind}starts with {content[:16]!r}; expected a JPEG, PNG, WebP, GIF or BMP picture"
    )


def open_picture(content: bytes, limits: LimitSettings) -> ImageFile:
    """Read the header. No pixel is decoded yet; decoding will stop when the time allowed is over.

    Raises:
        DecodeError: not a picture, a broken header, or more bytes or pixels than the limits allow.
    """
    check_bytes(content, limits)
    name = picture_format(content)
    if name == "WebP":  # its reader reserves the canvas while opening, so the cap comes first
        _check_pixels(*_webp_size(content), limits.max_pixels)
    if name == "GIF":
        size = _gif_size(content)
        _check_pixels(*size, limits.max_pixels)
        content = _with_screen(content, size)
    try:
        picture = _READERS[name](_DeadlineBytes(content, limits.max_decode_seconds))
    except DecodeError:
        raise
    except Exception as error:
        raise broken(name, len(content), error) from error
    _check_pixels(*picture.size, limits.max_pixels)
    if "progressive" in picture.info:
        picture.decodermaxblock = _SCAN_BLOCK
    return picture


def broken(picture: str, size: int, error: Exception) -> DecodeError:
    """A decoder's error in one sentence. Pillow raises nearly every class of exception on broken data.

    Args:
        picture: the format.
        size: how many bytes there were.
        error: what the decoder raised.
    """
    if isinstance(error, MemoryError):
        return DecodeError(f"{picture} picture needs more memory than there is; lower limits.max_pixels")
    reason = str(error) or type(error).__name__
    early = isinstance(error.__cause__ or error, (EOFError, IndexError, struct.error))
    if early or any(sign in reason.lower() for sign in _SIGNS_OF_TRUNCATION):
        return DecodeError(f"truncated {picture}: its {size:,} bytes end before the picture does")
    return DecodeError(f"corrupt {picture}: {reason}")


def _check_pixels(width: int, height: int, most: int) -> None:
    if width < 1 or height < 1:
        raise DecodeError(f"corrupt picture: its header says {width} × {height} pixels")
    if width * height > most:
        raise DecodeError(
            f"{width} × {height} is {width * height:,} pixels, more than the {most:,} of limits.max_pixels"
        )


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (RFC 9649)."""
    told = int.from_bytes(content[4:8], "little") + 8
    if len(content) < max(30, told):
        raise DecodeError(f"truncated WebP: {len(content):,} bytes of {told:,}")
    head = content[:30]
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(head[26:28], "little") & 0x3FFF, int.from_bytes(head[28:30], "little") & 0x3FFF


def _gif_size(content: bytes) -> tuple[int, int]:
    """Width and height of what Pillow makes: the screen, or the first frame where that reaches beyond it."""
    if len(content) < 13:
        raise DecodeError(f"truncated GIF: {len(content)} bytes, of which the header alone takes 13")
    width, height, flags = struct.unpack_from("<HHB", content, 6)
    at = 13 + (3 << (flags & 7) + 1 if flags & 128 else 0)
    while content[at : at + 1] == b"!":  # an extension: label, then blocks up to an empty one
        at += 2
        while at < len(content) and content[at]:
            at += content[at] + 1
        at += 1
    if content[at : at + 1] != b"," or len(content) < at + 10:
        return width, height
    left, top, wide, high = struct.unpack_from("<HHHH", content, at + 1)
    return max(width, left + wide), max(height, top + high)


def _with_screen(content: bytes, size: tuple[int, int]) -> bytes:
    """Tell a GIF's full size in its header: where Pillow has to find it out, it may warn by its own limit."""
    if struct.unpack_from("<HH", content, 6) == size:
        return content
    if max(size) > 0xFFFF:
        raise DecodeError(f"corrupt GIF: its first frame reaches to {size[0]} × {size[1]}, beyond any screen")
    return content[:6] + struct.pack("<HH", *size) + content[10:]
