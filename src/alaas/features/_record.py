"""One item's features as bytes: a header that proves what it is, then the raw numbers.

    magic 4s | crc32 u32 | key 32s | length u32 | layout length u16 | 0 u16 | layout | embeddings | probs

Little-endian throughout. ``length`` counts the whole record, ``crc32`` covers all that follows it. The layout
holds dtype code and number of dimensions of both arrays, then their dimensions as u32. Layout and arrays are
padded to 8 bytes, so that arrays read at a multiple of 8 are aligned.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from alaas.errors import UsageError
from alaas.features._base import Key
from alaas.types import Features

KEY_BYTES = 32
MAX_RECORD_BYTES = 2**32 - 1

_MAGIC = b"ALF1"
_HEAD = struct.Struct("<4sI32sIHH")
_CRC_START = 8
_CODES = {"f2": 1, "f4": 2, "f8": 3}
_DTYPES = {code: np.dtype(f"<{name}") for name, code in _CODES.items()}

_Part: TypeAlias = "tuple[np.dtype[Any], int, int, tuple[int, ...] | None] | None"
"""dtype, number of values, start after the layout, and the shape unless it is one-dimensional."""


def encode(key: Key, features: Features) -> bytes:
    """One record.

    Raises:
        UsageError: an array is not float16, float32 or float64, the key is not 32 bytes, or all is too large.
    """
    if len(key) != KEY_BYTES:
        raise UsageError(f"a feature key is {KEY_BYTES} bytes, got {len(key)}; make it with feature_key")
    parts = [checked(features.embeddings, "embeddings"), checked(features.probs, "probs")]
    layout = _layout(parts)
    body = b"".join([layout, *(_padded(_raw(part)) for part in parts if part is not None)])
    length = _HEAD.size + len(body)
    if length > MAX_RECORD_BYTES:
        raise UsageError(f"one item's features take {length} bytes, at most {MAX_RECORD_BYTES} can be cached")
    head = _HEAD.pack(_MAGIC, 0, key, length, len(layout), 0)[_CRC_START:]
    checksum = zlib.crc32(body, zlib.crc32(head))
    return b"".join([_MAGIC, checksum.to_bytes(4, "little"), head, body])


def decode(buffer: bytes, start: int, length: int, key: Key) -> Features | None:
    """The features of ``key`` from the record at ``start``, as read-only views of ``buffer``.

    None if what stands there is not that record, whole and undamaged.
    """
    if start + length > len(buffer) or length < _HEAD.size:
        return None
    magic, checksum, owner, stored_length, layout_length, _ = _HEAD.unpack_from(buffer, start)
    if magic != _MAGIC or owner != key or stored_length != length:
        return None
    if zlib.crc32(memoryview(buffer)[start + _CRC_START : start + length]) != checksum:
        return None
    arrays = start + _HEAD.size + layout_length
    embeddings, probs = _parsed(buffer[start + _HEAD.size : arrays])
    return Features(embeddings=_view(buffer, arrays, embeddings), probs=_view(buffer, arrays, probs))


def checked(array: NDArray[Any] | None, name: str) -> NDArray[Any] | None:
    """``array`` if it can be cached.

    Raises:
        UsageError: it is not float16, float32 or float64.
    """
    if array is not None and array.dtype.str[1:] not in _CODES:
        raise UsageError(f"{name} must be float16, float32 or float64 to be cached, got {array.dtype}")
    return array


def _raw(array: NDArray[Any]) -> bytes:
    return array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 8)


def _layout(parts: list[NDArray[Any] | None]) -> bytes:
    described = [(0, ()) if part is None else (_CODES[part.dtype.str[1:]], part.shape) for part in parts]
    heads = [value for code, shape in described for value in (code, len(shape))]
    dimensions = [size for _, shape in described for size in shape]
    return _padded(struct.pack(f"<4B{len(dimensions)}I", *heads, *dimensions))


# One encoder gives every item the same layout, so parsing it once is enough.
@lru_cache(maxsize=256)
def _parsed(layout: bytes) -> tuple[_Part, _Part]:
    code, rank, second_code, second_rank = layout[:4]
    dimensions = struct.unpack_from(f"<{rank + second_rank}I", layout, 4)
    first, size = _part(code, dimensions[:rank], 0)
    second, _ = _part(second_code, dimensions[rank:], size)
    return first, second


def _part(code: int, shape: tuple[int, ...], start: int) -> tuple[_Part, int]:
    if code == 0:
        return None, 0
    dtype = _DTYPES[code]
    count = int(np.prod(shape, dtype=np.int64))
    size = count * dtype.itemsize
    return (dtype, count, start, None if len(shape) == 1 else shape), size + -size % 8


def _view(buffer: bytes, arrays: int, part: _Part) -> NDArray[Any] | None:
    if part is None:
        return None
    dtype, count, start, shape = part
    # numpy refuses an offset at the very end even when nothing is to be read there.
    flat = np.frombuffer(buffer, dtype, count, arrays + start) if count else _empty(dtype)
    return flat if shape is None else flat.reshape(shape)


def _empty(dtype: np.dtype[Any]) -> NDArray[Any]:
    empty = np.empty(0, dtype)
    empty.setflags(write=False)
    return empty
