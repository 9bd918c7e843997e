"""A digest of a torch network: of its weights, its structure, and the code that nobody gave a version."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

_VERSIONED: Final = frozenset(
    {"torch", "torchvision", "timm", "transformers", "sentence_transformers", "builtins"}
)
"""Packages whose version stands in the fingerprint already."""
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+")


def network_digest(network: Any) -> str:
    """Blake3 in hex; the same for the same network in any process."""
    digest = blake3()
    for name, tensor in _tensors(network):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(_bytes(tensor))
    digest.update(_ADDRESS.sub("", repr(network)).encode())
    for source in _sources(network):
        digest.update(source.read_bytes())
    return str(digest.hexdigest())


def _tensors(network: Any) -> Iterator[tuple[str, Any]]:
    """Parameters and buffers, also those that are not saved with the rest."""
    yield from network.named_parameters()
    yield from network.named_buffers()


def _bytes(tensor: Any) -> memoryview:
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy())


def _sources(network: Any) -> list[Path]:
    """The files that the network's own classes stand in."""
    found: set[Path] = set()
    for kind in {type(module) for module in network.modules()}:
        if kind.__module__.partition(".")[0] in _VERSIONED:
            continue
        try:
            found.add(Path(inspect.getfile(kind)))
        except (OSError, TypeError):  # made in a console: its weights and its structure must do
            continue
    return sorted(path for path in found if path.is_file())
