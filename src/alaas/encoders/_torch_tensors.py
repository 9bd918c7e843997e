"""What goes into torch networks, and what comes out."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from alaas.config import LimitSettings, ModelSettings, PreprocessSettings
from alaas.engines import TensorSpec
from alaas.modalities import Modality

INPUT: Final = "pixels"


def pictures(model: ModelSettings, declared: PreprocessSettings, limits: LimitSettings) -> Modality:
    """What decodes images for a network: as the settings say, else as its library declares."""
    from alaas.modalities.image import Image

    return Image(preprocess=model.preprocess or declared, limits=limits, input_name=INPUT)


def specs(modality: Modality) -> tuple[dict[str, Any], tuple[TensorSpec, ...]]:
    """Two made-up items as the tensors that a network takes, and what these are; a text's length is free."""
    import torch

    item = modality.example()
    # The first token that is not padding: a small vocabulary may have no other.
    item = np.ones_like(item) if modality.name == "text" else item
    arrays = modality.collate([item] * 2)
    described = tuple(
        TensorSpec(name=name, dtype=str(a.dtype), shape=(None, *(a.shape[1:] if a.ndim == 4 else (None,))))
        for name, a in arrays.items()
    )
    return {name: torch.from_numpy(array) for name, array in arrays.items()}, described


def vectors(**widths: int | None) -> tuple[TensorSpec, ...]:
    """Outputs of one vector an item, by name."""
    return tuple(
        TensorSpec(name=name, dtype="float32", shape=(None, width)) for name, width in widths.items()
    )


def seeded(make: Any) -> Any:
    """What ``make`` makes, with the same random weights each time; torch's own state stays as it was."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return make()
