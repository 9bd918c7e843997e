"""A network and its head after training: what it says of items, and how it is kept."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from alaas.errors import ConfigError, LearnerError
from alaas.learners._base import Kind
from alaas.learners._items import Inputs, ItemFitted
from alaas.types import Floats

_HEAD: Final = "head"
_NETWORK: Final = "network."
_KEY: Final = "alaas"
"""One entry for all: the library writes several in any order, and the same fit shall give the same bytes."""


class FineTuned(ItemFitted):
    """A network that is not trained any more, ``network``, and its head, ``weights``.

    Args:
        module: where the network's code is.
        network: on the device that it shall run on.
        layer: the head with the bias as last column, shape (C, D + 1).
    """

    def __init__(
        self, *, kind: Kind, classes: tuple[str, ...], module: str, network: Any, layer: NDArray[np.float32]
    ) -> None:
        self.kind, self.classes, self.dimensions = kind, classes, layer.shape[1] - 1
        self.module = module
        self.network = network.eval().requires_grad_(False)
        self._layer = layer

    def encode_items(self, inputs: Inputs) -> Floats:
        import torch

        with torch.inference_mode():
            values = run(self.network, inputs)
        if values.shape[1] != self.dimensions:
            raise LearnerError(
                f"the network of {self.module} gives {values.shape[1]} features, but its head was fitted on "
                f"{self.dimensions}"
            )
        features: NDArray[np.float32] = values.cpu().numpy()
        if not np.isfinite(features).all():
            raise LearnerError(f"the network of {self.module} gives features that are not finite")
        return features

    def predict_proba(self, features: Floats) -> NDArray[np.float32]:
        rows = np.asarray(features, dtype=np.float32)
        return probabilities(rows @ self._layer[:, :-1].T + self._layer[:, -1], self.kind)

    @property
    def weights(self) -> NDArray[np.float32]:
        return self._layer

    def dump(self) -> bytes:
        import safetensors.torch
        import torch

        tensors = {
            f"{_NETWORK}{name}": value.detach().cpu().contiguous().clone()  # tied weights, each by itself
            for name, value in self.network.state_dict().items()
        }
        tensors[_HEAD] = torch.from_numpy(np.ascontiguousarray(self._layer))
        about = {"form": "fine_tune/1", "module": self.module, "kind": self.kind, "classes": self.classes}
        content: bytes = safetensors.torch.save(tensors, {_KEY: json.dumps(about, ensure_ascii=False)})
        return content

    @classmethod
    def load(cls, data: bytes) -> Self:
        """Only its learner can read it: what is stored may not choose the code that is run.

        Raises:
            LearnerError: always; the message says what to do.
        """
        raise LearnerError(
            f"{len(data)} bytes of a fine-tuned network can be read only by the learner that names its "
            "module: call FineTune.restore"
        )

    @classmethod
    def restored(cls, data: bytes, *, module: str, device: str) -> Self:
        """Read what ``dump`` wrote into the network that ``module`` makes.

        Raises:
            LearnerError: it is something else, or of another network.
            ConfigError: there is no such module or device.
        """
        import safetensors.torch
        from safetensors import SafetensorError

        about = _about(data)
        if about["module"] != module:
            raise LearnerError(
                f"a stored network was made by {about['module']!r}, but the learner's module is {module!r}; "
                "retrain, or name the module that it was made by"
            )
        try:
            tensors = safetensors.torch.load(data)
            layer = tensors.pop(_HEAD).numpy()
        except (SafetensorError, KeyError) as error:
            raise LearnerError(f"a stored network is damaged: {error}; retrain") from error
        network = make(module)
        state = {name.removeprefix(_NETWORK): value for name, value in tensors.items()}
        try:
            network.load_state_dict(state)
        except (RuntimeError, KeyError) as error:
            raise LearnerError(f"{module} does not make the network that was stored: {error}") from error
        return cls(
            kind=about["kind"],
            classes=tuple(about["classes"]),
            module=module,
            network=network.to(placed(device)),
            layer=layer,
        )


def make(module: str) -> Any:
    """The network that ``package.module:factory`` makes.

    Raises:
        ConfigError: there is no such thing, or it makes something else.
    """
    import torch

    place, _, name = module.partition(":")
    if not place or not name:
        raise ConfigError(f"fine_tune: module is {module!r}; expected package.module:factory")
    try:
        factory: Callable[[], Any] = getattr(importlib.import_module(place), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"fine_tune: cannot find {module!r}: {error}") from error
    network = factory()
    if not isinstance(network, torch.nn.Module):
        raise ConfigError(
            f"fine_tune: {module!r} makes a {type(network).__name__}; expected a torch.nn.Module"
        )
    return network


def placed(device: str) -> Any:
    """The torch device of that name; ``auto`` is a GPU where there is one.

    Raises:
        ConfigError: torch knows none of that name, or this machine has none.
    """
    import torch

    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    found = None
    with suppress(RuntimeError):
        found = torch.device(device)
    if found is None or (found.type == "cuda" and not torch.cuda.is_available()):
        raise ConfigError(f"fine_tune: this machine has no device {device!r}; take cpu or auto")
    return found


def run(network: Any, inputs: Inputs) -> Any:
    """Call the network: features of shape (b, D), float32, on its device.

    Raises:
        LearnerError: it refuses the inputs, or gives something else.
    """
    import torch

    device = next((parameter.device for parameter in network.parameters()), torch.device("cpu"))
    tensors = {name: torch.as_tensor(np.array(array)).to(device) for name, array in inputs.items()}
    try:
        values = network(*tensors.values()) if len(tensors) == 1 else network(**tensors)
    except (RuntimeError, TypeError, ValueError, IndexError) as error:
        got = ", ".join(f"{name} {array.dtype} {array.shape}" for name, array in inputs.items())
        raise LearnerError(f"the network refuses its input, {got}: {error}") from error
    if not isinstance(values, torch.Tensor) or values.ndim != 2:
        shape = tuple(values.shape) if isinstance(values, torch.Tensor) else type(values).__name__
        raise LearnerError(f"the network gives {shape}; expected a tensor of features, shape (items, D)")
    return values.float()


def probabilities(scores: NDArray[np.float32], kind: Kind) -> NDArray[np.float32]:
    """Softmax of scores (n, C) for one class an item, sigmoid for several."""
    if kind == "multi-class":
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
    # exp of what is never positive, so that none overflows.
    small = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1 / (1 + small), small / (1 + small)).astype(np.float32)


def _about(data: bytes) -> dict[str, Any]:
    """The note in a safetensors header: 8 bytes of length, then JSON."""
    try:
        length = int.from_bytes(data[:8], "little")
        about: dict[str, Any] = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][_KEY])
        if about["form"] != "fine_tune/1" or not {"module", "kind", "classes"} <= about.keys():
            raise ValueError("it is of another form")
    except (ValueError, KeyError, TypeError) as error:
        raise LearnerError(f"{len(data)} bytes are not a fine-tuned network: {error}") from error
    return about
