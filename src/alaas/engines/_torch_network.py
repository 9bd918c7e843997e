"""A torch network that is ready to run: arrays in, arrays out, from several threads at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from alaas.engines._base import Batch, LoadedModel, TensorSpec
from alaas.engines._devices import Device, bound
from alaas.errors import ModelError

Precision = Literal["stored", "fp32", "fp16", "bf16", "int8"]
_DTYPES: Final = {"fp16": "float16", "bf16": "bfloat16"}
_NAMES: Final = {"float32": "fp32", "float64": "fp32", "float16": "fp16", "bfloat16": "bf16"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """A ``torch.nn.Module`` and how it is called.

    ``call`` takes the module and tensors by input name, and returns tensors by output name; it must be given
    the module, because each device has a copy of its own.
    """

    name: str
    module: Any
    call: Callable[[Any, dict[str, Any]], Mapping[str, Any]]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class TorchNetwork(LoadedModel):
    """A network on one device.

    Args:
        network: changed in place: it is moved, and its weights take the precision asked for.
        precision: ``stored`` leaves the weights as they are.
        device: where it runs.
        threads: threads inside one call, where the device is the processor.
    """

    def __init__(self, network: Network, *, precision: Precision, device: Device, threads: int) -> None:
        self.network = network
        self.device = str(device)
        self.cores = device.cores
        self._place = "cpu" if device.kind == "cpu" else str(device)
        self._kind = device.kind
        self.threads = threads
        self.inputs, self.outputs = network.inputs, network.outputs
        self.module, lower = _placed(network.module, precision, self._place)
        self._lower = lower
        stored = _floating(self.module)
        self.precision = precision if precision != "stored" else _NAMES.get(stored, "fp32")
        # Where calls are not cast to a lower type, inputs must be of the weights' type.
        self._input_type = None if lower or stored in ("float32", "") else stored

    def run(self, batch: Batch) -> Batch:
        import torch

        missing = [spec.name for spec in self.inputs if spec.name not in batch]
        if missing:
            raise ModelError(f"{self.network.name} wants an input {missing[0]!r}; {self._described(batch)}")
        # A part of the number belongs to each thread, another to the process; asking costs nothing.
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        try:
            with bound(self.cores), torch.inference_mode(), self._casting():
                given = {spec.name: self._tensor(batch[spec.name]) for spec in self.inputs}
                found = self.network.call(self.module, given)
                return {name: _array(value) for name, value in found.items()}
        except torch.cuda.OutOfMemoryError as error:
            raise ModelError(
                f"{self.network.name} has no memory left on {self.device}: {self._described(batch)}; lower "
                "model.batch_size"
            ) from error
        except Exception as error:  # a network is anybody's code, and raises anything
            raise ModelError(
                f"{self.network.name} refuses its input: {self._described(batch)} ({_first_line(error)})"
            ) from error

    def _casting(self) -> AbstractContextManager[Any]:
        import torch

        if self._lower is None:
            return nullcontext()
        context: AbstractContextManager[Any] = torch.autocast(self._kind, dtype=self._lower)
        return context

    def _tensor(self, array: NDArray[Any]) -> Any:
        import torch

        # A copy, because a network may work in place, and because the array may be read-only.
        tensor = torch.from_numpy(np.array(array))
        if self._input_type and tensor.is_floating_point():
            tensor = tensor.to(getattr(torch, self._input_type))
        if tensor.ndim == 4:
            tensor = tensor.contiguous(memory_format=torch.channels_last)
        return tensor.to(self._place, non_blocking=True)

    def _described(self, batch: Batch) -> str:
        got = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in batch.items())
        wanted = ", ".join(f"{spec.name} {spec.dtype} {spec.shape}" for spec in self.inputs)
        return f"got {got or 'nothing'}, it takes {wanted}"


def _placed(module: Any, precision: Precision, device: str) -> tuple[Any, Any]:
    """The module on its device in its precision, and the type to which calls are cast, if they are."""
    import torch

    lower = getattr(torch, _DTYPES[precision]) if precision in _DTYPES else None
    if precision == "fp32":
        module = module.float()
    if lower is not None:
        # Once, what autocast would cast at every call. Normalisations stay in fp32.
        for layer in module.modules():
            if isinstance(layer, torch.nn.Linear | torch.nn.modules.conv._ConvNd):
                layer.to(lower)
    # Convolutions are up to twice as fast with the colours last, on processors as on graphics cards.
    return module.to(device, memory_format=torch.channels_last), lower


def _floating(module: Any) -> str:
    """The type of most of the weights, as torch calls it; empty if it has none."""
    sizes: dict[str, int] = {}
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            name = str(tensor.dtype).removeprefix("torch.")
            sizes[name] = sizes.get(name, 0) + tensor.numel()
    return max(sizes, key=lambda name: sizes[name]) if sizes else ""


def _array(tensor: Any) -> NDArray[Any]:
    values = tensor.float() if tensor.is_floating_point() else tensor
    return np.ascontiguousarray(values.cpu().numpy())


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__
