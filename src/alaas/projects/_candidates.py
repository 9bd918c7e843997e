"""What a batch was chosen from, kept with it so that it can be chosen again."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alaas.errors import StoreError
from alaas.types import Indices

_MAGIC = b"alc1"
_HEADER = struct.Struct("<4sI")


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """The items that a strategy chose from and what it knew, by item number.

    Attributes: pool: what could be chosen, ascending, shape (n,). labelled: what had a label, shape (m,),
        with ``labels``, their class numbers, shape (m,); -1 where the label is no class of the learner.
        pending: what was with annotators at the time, shape (p,). items: how many items the project had.
    """

    pool: Indices
    labelled: Indices
    labels: NDArray[np.int32]
    pending: Indices
    items: int

    def pack(self) -> bytes:
        """As bytes: bit masks and class numbers, compressed; an eighth of a byte an item before that."""
        pool = np.zeros(self.items, dtype=bool)
        pool[self.pool] = True
        parts = [
            np.packbits(pool).tobytes(),
            self.labelled.astype("<i8").tobytes(),
            self.labels.astype("<i4").tobytes(),
            self.pending.astype("<i8").tobytes(),
        ]
        header = json.dumps({"items": self.items, "sizes": [len(part) for part in parts]}).encode()
        return _HEADER.pack(_MAGIC, len(header)) + header + zlib.compress(b"".join(parts), 1)

    @classmethod
    def unpack(cls, data: bytes) -> Candidates:
        """Read what ``pack`` wrote.

        Raises:
            StoreError: it is something else.
        """
        try:
            magic, size = _HEADER.unpack_from(data)
            if magic != _MAGIC:
                raise ValueError("another format")
            header = json.loads(data[_HEADER.size : _HEADER.size + size])
            body = zlib.decompress(data[_HEADER.size + size :])
            parts, start = [], 0
            for length in header["sizes"]:
                parts.append(body[start : start + length])
                start += length
            mask = np.unpackbits(np.frombuffer(parts[0], dtype=np.uint8), count=header["items"])
            return cls(
                pool=np.flatnonzero(mask).astype(np.int64),
                labelled=np.frombuffer(parts[1], dtype="<i8").astype(np.int64),
                labels=np.frombuffer(parts[2], dtype="<i4").astype(np.int32),
                pending=np.frombuffer(parts[3], dtype="<i8").astype(np.int64),
                items=header["items"],
            )
        except (ValueError, KeyError, struct.error, zlib.error) as error:
            raise StoreError(
                f"the candidates of a batch cannot be read ({error}); is the store damaged?"
            ) from error
