"""Fitted learners as bytes: a JSON header and raw arrays, without pickle.

Layout: eight bytes ``ALAASLRN``, the header's length and a CRC-32 of all that follows (little-endian, four
bytes each), the header as JSON, then the arrays one after another in C order, little-endian. The same content
gives the same bytes.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alaas.errors import LearnerError
from alaas.types import JSON

_MAGIC: Final = b"ALAASLRN"
_SIZES: Final = struct.Struct("<II")
_BEGIN: Final = len(_MAGIC) + _SIZES.size
_DTYPES: Final = frozenset({"<f4", "<f8", "<i8", "|u1", "|b1"})


def pack(form: str, about: Mapping[str, JSON], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write ``arrays`` and what there is to say ``about`` them.

    Args:
        form: whose bytes these are, such as ``linear/1``; ``unpack`` asks for the same.
        about: anything that JSON can say.
        arrays: float32, float64, int64, uint8 or bool, of any shape.

    Raises:
        LearnerError: an array has another type.
    """
    parts = {name: _little(name, array) for name, array in arrays.items()}
    header = {
        "form": form,
        "about": about,
        "arrays": [[name, part.dtype.str, list(part.shape)] for name, part in parts.items()],
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    body = b"".join([text, *(part.tobytes() for part in parts.values())])
    return b"".join([_MAGIC, _SIZES.pack(len(text), zlib.crc32(body)), body])


def unpack(form: str, data: bytes) -> tuple[Mapping[str, Any], dict[str, NDArray[Any]]]:
    """Read what ``pack`` wrote: what it is about, and read-only views of the arrays.

    Raises:
        LearnerError: it is something else, of another form, cut short or damaged.
    """
    if data[: len(_MAGIC)] != _MAGIC or len(data) < _BEGIN:
        raise LearnerError(f"these {len(data)} bytes are not a stored learner")
    length, checksum = _SIZES.unpack_from(data, len(_MAGIC))
    body = memoryview(data)[_BEGIN:]
    if zlib.crc32(body) != checksum:
        raise LearnerError("a stored learner is damaged: its checksum does not fit; fit it again")
    try:
        header = json.loads(bytes(body[:length]))
        found, about, listed = header["form"], header["about"], header["arrays"]
    except (ValueError, KeyError, TypeError) as error:
        raise LearnerError("a stored learner has no readable header") from error
    if found != form:
        raise LearnerError(f"a stored learner is of the form {found!r}, expected {form!r}")
    return about, _arrays(listed, body[length:])


def _little(name: str, array: NDArray[Any]) -> NDArray[Any]:
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if little.dtype.str not in _DTYPES:
        raise LearnerError(f"the array {name!r} of a learner is of type {array.dtype}, which is not kept")
    return little


def _arrays(listed: list[Any], body: memoryview) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    start = 0
    for name, kind, shape in listed:
        if kind not in _DTYPES:
            raise LearnerError(f"the array {name!r} of a stored learner is of the unknown type {kind!r}")
        dtype, count = np.dtype(kind), math.prod(shape)
        if start + count * dtype.itemsize > len(body):
            raise LearnerError("a stored learner is cut short")
        arrays[name] = np.frombuffer(body, dtype, count, start).reshape(shape)
        start += count * dtype.itemsize
    return arrays
