"""One immutable object of a feature cache in a bucket: its key list, then its records.

    magic 4s | crc32 u32 | count u32 | 0 u32 | count × (key 32s | length u32) | 0 to 8 bytes | records

Little-endian. ``crc32`` covers what stands between it and the records; each record proves itself (see
``_record``) and begins where the one before it ends. So the head alone says what is in a segment and where.
"""

from __future__ import annotations

import re
import struct
import time
import zlib
from collections.abc import Sequence
from secrets import token_hex
from typing import NamedTuple

from alaas.features._base import Key

FOLDER = "v1"
"""Below the cache's prefix; another format takes another, so that no version trips over another's objects."""

_MAGIC = b"ALS1"
_HEAD = struct.Struct("<4sIII")
_ENTRY = struct.Struct("<32sI")
_CRC_START = 8
_NAME = re.compile(rf"{FOLDER}/[0-9a-f]{{16}}-[0-9a-f]{{32}}\.segment")


class Part(NamedTuple):
    """Where one record stands in a segment."""

    key: Key
    start: int
    length: int


def new_name(now: float | None = None) -> str:
    """A name that no other writer takes; names sort by time, so the first is the oldest."""
    return f"{FOLDER}/{time.time_ns() if now is None else int(now * 1e9):016x}-{token_hex(16)}.segment"


def is_name(name: str) -> bool:
    """Whether an object is one of ours by its name."""
    return _NAME.fullmatch(name) is not None


def head_bytes(count: int) -> int:
    """The length of the head of ``count`` records, which is where the first one begins."""
    length = _HEAD.size + _ENTRY.size * count
    return length + -length % 8


def segment_bytes(count: int, bytes_of_records: int) -> int:
    """The length of a segment."""
    return head_bytes(count) + bytes_of_records


def build(records: Sequence[tuple[Key, bytes]]) -> bytes:
    """The segment that holds these records, in this order."""
    entries = b"".join(_ENTRY.pack(key, len(data)) for key, data in records)
    entries += bytes(head_bytes(len(records)) - _HEAD.size - len(entries))
    counted = struct.pack("<II", len(records), 0) + entries
    head = _MAGIC + struct.pack("<I", zlib.crc32(counted)) + counted
    return b"".join([head, *(data for _, data in records)])


def head_length(beginning: bytes, size: int) -> int | None:
    """How long the head is, from the segment's first bytes; None if this is no segment of ``size`` bytes."""
    if len(beginning) < _HEAD.size:
        return None
    magic, _, count, _ = _HEAD.unpack_from(beginning)
    length = head_bytes(count)
    return length if magic == _MAGIC and length <= size else None


def parse(head: bytes, size: int) -> list[Part] | None:
    """What a segment of ``size`` bytes holds; None if the head is damaged or does not fit the size."""
    length = head_length(head, size)
    if length is None or len(head) < length:
        return None
    _, checksum, count, _ = _HEAD.unpack_from(head)
    if zlib.crc32(memoryview(head)[_CRC_START:length]) != checksum:
        return None
    parts, start = [], length
    for key, bytes_of_record in _ENTRY.iter_unpack(head[_HEAD.size : _HEAD.size + _ENTRY.size * count]):
        parts.append(Part(key, start, bytes_of_record))
        start += bytes_of_record
    return parts if start == size else None
