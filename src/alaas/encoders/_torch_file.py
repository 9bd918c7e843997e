"""Reads the tensors of a torch state dict without torch and without running what the file says.

Old torch files (before 1.6) are not archives: five pickles in a row (magic number, protocol, machine, state
dict, list of storage keys), then for each key an int64 count and the raw values, all little-endian. A pickle
can name any function to call; this reader knows a few names and refuses every other, so that a file can at
most be wrong.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ModelError

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_STORAGES = {
    "FloatStorage": np.dtype("<f4"),
    "DoubleStorage": np.dtype("<f8"),
    "LongStorage": np.dtype("<i8"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Storage:
    key: str
    dtype: np.dtype[Any]
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def view(self, values: NDArray[Any]) -> NDArray[Any]:
        """Cut the tensor out of its storage; refuses one that would reach outside it."""
        last = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.stride, strict=True))
        if (
            self.offset < 0
            or min(self.stride, default=0) < 0
            or min(self.shape, default=1) < 1
            or last >= values.size
        ):
            raise ValueError(
                f"a tensor of shape {self.shape} does not fit its storage of {values.size} values"
            )
        steps = tuple(step * values.itemsize for step in self.stride)
        return np.lib.stride_tricks.as_strided(
            values[self.offset :], self.shape, steps, writeable=False
        ).copy()


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> _Tensor:
    return _Tensor(storage=storage, offset=offset, shape=shape, stride=stride)


class _Reader(pickle.Unpickler):
    """Knows ordered dicts, tensors and storages; nothing else can be named."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise pickle.UnpicklingError(f"it names {module}.{name}, which a file of weights has no need of")

    def persistent_load(self, reference: Any) -> _Storage:
        kind, dtype, key, _device, count, *_ = reference
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError(f"it refers to {kind!r} where a storage was expected")
        return _Storage(key=str(key), dtype=dtype, count=int(count))


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Read every tensor of a legacy torch file by name.

    Raises:
        ModelError: the file is missing, of another format, damaged, or names anything but tensors.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except Exception as error:  # a damaged pickle raises anything, MemoryError included
        raise ModelError(f"cannot read the torch weights {path}: {error}; fetch the file again") from error


def _read(file: IO[bytes]) -> dict[str, NDArray[Any]]:
    def load() -> object:
        # Safe: none of the names that _Reader knows runs code of the file's choice.
        return cast("Callable[[], object]", _Reader(file).load)()

    magic, protocol, _machine, state, keys = (load() for _ in range(5))
    if (magic, protocol) != (_MAGIC, _PROTOCOL):
        raise ValueError("it is not a torch file of the old format")
    if not isinstance(state, Mapping) or not isinstance(keys, list):
        raise ValueError("it holds no state dict")
    tensors = {str(name): value for name, value in state.items() if isinstance(value, _Tensor)}
    storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
    values = {str(key): _read_values(file, storages[str(key)]) for key in keys}
    return {name: tensor.view(values[tensor.storage.key]) for name, tensor in tensors.items()}


def _read_values(file: IO[bytes], storage: _Storage) -> NDArray[Any]:
    count = int.from_bytes(file.read(8), "little", signed=True)
    if count != storage.count:
        raise ValueError(f"storage {storage.key} has {count} values, {storage.count} were announced")
    raw = file.read(count * storage.dtype.itemsize)
    return np.frombuffer(raw, storage.dtype, count)
