"""From a classifier to embeddings and logits: its last linear layer is taken off, and applied by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

Forward = Callable[[Any, dict[str, Any]], Any]
"""Calls a module with named tensors and gives its one result."""

_TOLERANCE: Final = 1e-3


def split_classifier(network: Any, forward: Forward, example: dict[str, Any]) -> Any | None:
    """Split a classifier before its last linear layer, in place.

    What comes before that layer is an embedding in which the classes lie apart linearly. Whether the layer
    really comes last is tried on ``example``, not assumed.

    Returns:
        A module that holds ``trunk`` and ``head``; None, and the network as it was, if it is no such
        classifier.
    """
    import torch

    layers = [(path, layer) for path, layer in network.named_modules() if isinstance(layer, torch.nn.Linear)]
    if not layers or not layers[-1][0]:
        return None
    path, head = layers[-1]
    parent, _, name = path.rpartition(".")
    owner = network.get_submodule(parent)
    with torch.inference_mode():
        whole = forward(network, example)
        setattr(owner, name, torch.nn.Identity())
        if _follows(head, forward, network, example, whole):
            return torch.nn.ModuleDict({"trunk": network, "head": head}).eval()
    setattr(owner, name, head)
    return None


def _follows(head: Any, forward: Forward, trunk: Any, example: dict[str, Any], whole: Any) -> bool:
    import torch

    try:
        found = head(forward(trunk, example))
    except Exception:  # noqa: BLE001  (anybody's code, run otherwise than it was meant)
        return False
    same = isinstance(whole, torch.Tensor) and whole.ndim == 2 and found.shape == whole.shape
    return same and torch.allclose(found, whole, rtol=_TOLERANCE, atol=_TOLERANCE)


def call_split(forward: Forward) -> Callable[[Any, dict[str, Any]], Mapping[str, Any]]:
    """How the result of ``split_classifier`` is called: to ``embeddings`` and ``logits``."""

    def call(module: Any, tensors: dict[str, Any]) -> Mapping[str, Any]:
        embeddings = forward(module["trunk"], tensors)
        return {"embeddings": embeddings, "logits": module["head"](embeddings)}

    return call


def first(network: Any, tensors: dict[str, Any]) -> Any:
    """Call a network that takes one tensor, whatever it calls it."""
    return network(next(iter(tensors.values())))
