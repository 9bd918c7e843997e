"""What both forms of the protocol do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from alaas.engines._base import Batch, TensorSpec
from alaas.engines._open_inference._datatypes import dtype_of
from alaas.errors import ModelError


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What a server says of a model; all of it may be empty."""

    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    platform: str = ""
    versions: tuple[str, ...] = ()


class Transport(ABC):
    """One model on one server. Called from many threads at once."""

    @abstractmethod
    def describe(self) -> Description:
        """Ask what the model takes and gives.

        Raises:
            ModelUnavailableError: the server or the model is not there.
        """

    @abstractmethod
    def await_ready(self) -> None:
        """Come back once the model is ready, or the server does not tell.

        Raises:
            ModelUnavailableError: it does not become ready.
        """

    @abstractmethod
    def infer(self, batch: Batch, inputs: Sequence[TensorSpec], outputs: Sequence[str]) -> Batch:
        """Run a batch of the given inputs and return the named outputs.

        Raises:
            RefusedError: the server does not take the batch.
            ModelError: what it answers makes no sense.
            ModelUnavailableError: it does not answer.
        """


def spec(name: str, datatype: str, shape: Sequence[int]) -> TensorSpec:
    """A tensor as the protocol describes it: -1 is a free size."""
    return TensorSpec(
        name=name, dtype=dtype_of(datatype), shape=tuple(None if size < 0 else size for size in shape)
    )


def complete(found: Mapping[str, NDArray[Any]], wanted: Sequence[str], server: str) -> Batch:
    """The wanted outputs.

    Raises:
        ModelError: one is not among what was found.
    """
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ModelError(
            f"{server} answered without the output {missing[0]!r}; it sent {', '.join(found) or 'none'}"
        )
    return {name: found[name] for name in wanted}
