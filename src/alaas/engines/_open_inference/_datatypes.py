"""The protocol's element types, and arrays as bytes on the wire: little-endian, row by row, without gaps."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ModelError

_DATATYPES: Final = {
    "bool": "BOOL", "uint8": "UINT8", "uint16": "UINT16", "uint32": "UINT32", "uint64": "UINT64",
    "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64", "float16": "FP16",
    "float32": "FP32", "float64": "FP64", "bfloat16": "BF16", "string": "BYTES",
}  # fmt: skip
_DTYPES: Final = {datatype: dtype for dtype, datatype in _DATATYPES.items()}


def dtype_of(datatype: str) -> str:
    """Numpy's name, or ``bfloat16`` or ``string``, for the protocol's; triton's ``TYPE_`` forms too."""
    return _DTYPES.get(datatype.upper().removeprefix("TYPE_").replace("STRING", "BYTES"), datatype.lower())


def fitted(array: NDArray[Any], dtype: str) -> tuple[str, NDArray[Any]]:
    """The protocol's name of what is sent, and the array in it.

    A number becomes the model's kind of the same family, float32 for one of fp16 its float16; any other
    difference is left to the server, which says what it expected.
    """
    if array.dtype == object or array.dtype.kind in "US":
        return "BYTES", array
    if dtype == "bfloat16" and array.dtype.kind == "f":
        return "BF16", _to_bfloat16(array)
    if dtype in _DATATYPES and dtype not in ("string", "bfloat16"):
        wanted = np.dtype(dtype)
        same_family = {wanted.kind, array.dtype.kind} <= {"f"} or {wanted.kind, array.dtype.kind} <= {
            "i",
            "u",
        }
        if wanted != array.dtype and same_family:
            array = array.astype(wanted)
    if array.dtype.name not in _DATATYPES:
        raise ModelError(f"an array of {array.dtype} cannot be sent to a server: expected numbers or texts")
    return _DATATYPES[array.dtype.name], array


def to_bytes(datatype: str, array: NDArray[Any]) -> memoryview:
    """The array as it travels; numbers are not copied."""
    if datatype == "BYTES":
        return memoryview(b"".join(_framed(array.reshape(-1))))
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return np.ascontiguousarray(little).reshape(-1).view(np.uint8).data


def from_bytes(datatype: str, shape: Sequence[int], content: memoryview) -> NDArray[Any]:
    """The array of ``shape`` that travelled as ``content``; BF16 as float32, BYTES as str.

    Raises:
        ModelError: the bytes do not make that array.
    """
    if datatype == "BYTES":
        return _texts(_unframed(content, prod(shape)), shape)
    dtype = np.dtype("<u2") if datatype == "BF16" else _number(datatype)
    if content.nbytes != prod(shape) * dtype.itemsize:
        raise ModelError(
            f"the server sent {content.nbytes} bytes for {datatype} of shape {tuple(shape)}, expected "
            f"{prod(shape) * dtype.itemsize}"
        )
    array = np.frombuffer(content, dtype=dtype).reshape(shape)
    if datatype == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array if array.flags.aligned else array.copy()


def to_list(datatype: str, array: NDArray[Any]) -> list[Any]:
    """The array as JSON holds it, flat."""
    if datatype == "BF16":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    flat: list[Any] = array.reshape(-1).tolist()
    return flat


def from_list(datatype: str, shape: Sequence[int], values: Any) -> NDArray[Any]:
    """The array of ``shape`` that JSON held, flat or nested.

    Raises:
        ModelError: the values do not make that array.
    """
    try:
        if datatype == "BYTES":
            return _texts([_text(value) for value in np.asarray(values, dtype=object).reshape(-1)], shape)
        dtype = np.dtype(np.float32) if datatype == "BF16" else _number(datatype)
        return np.asarray(values, dtype=dtype).reshape(shape)
    except (ValueError, TypeError, OverflowError) as error:
        raise ModelError(f"the server sent no {datatype} of shape {tuple(shape)}: {error}") from error


def _number(datatype: str) -> np.dtype[Any]:
    name = _DTYPES.get(datatype)
    if name is None or name in ("string", "bfloat16"):
        raise ModelError(f"the server sent the datatype {datatype!r}, which the protocol does not have")
    return np.dtype(name).newbyteorder("<")


def _to_bfloat16(array: NDArray[Any]) -> NDArray[np.uint16]:
    """The upper halves of float32, rounded to the nearest, ties to even."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def _framed(values: Iterable[Any]) -> Iterable[bytes]:
    for value in values:
        content = value if isinstance(value, bytes) else str(value).encode()
        yield struct.pack("<I", len(content))
        yield content


def _unframed(content: memoryview, count: int) -> list[str]:
    found, at = [], 0
    while at + 4 <= content.nbytes:
        (length,) = struct.unpack_from("<I", content, at)
        at += 4 + length
        if at > content.nbytes:
            break
        found.append(_text(bytes(content[at - length : at])))
    if at != content.nbytes or len(found) != count:
        raise ModelError(
            f"the server sent {len(found)} whole texts in {content.nbytes} bytes, expected {count}"
        )
    return found


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _texts(values: list[str], shape: Sequence[int]) -> NDArray[Any]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array.reshape(shape)
