"""Small torch networks and ``.pt2`` files, made on the spot, and what tests do with encoders; needs torch."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from torch import nn
from torch.export import Dim, export, save

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder


class Colours(nn.Module):
    """The same as ``alaas.testing.models.write_image_model``: mean colours, and three scores of them."""

    def __init__(self) -> None:
        super().__init__()
        self.scores = nn.Linear(3, 3, bias=False)
        self.scores.weight.data = (torch.arange(9.0).reshape(3, 3) / 7 - 1).T.contiguous()

    def forward(self, images):
        features = images.mean(dim=(2, 3))
        return {"features": features, "logits": self.scores(features)}


def write_program(path: Path, network: nn.Module | None = None, size: int = 8) -> Path:
    """Export ``network``, by default ``Colours``, with a free batch."""
    example = {"images": torch.zeros(2, 3, size, size)}
    program = export((network or Colours()).eval(), (), example, dynamic_shapes={"images": {0: Dim.AUTO}})
    save(program, path)
    return path


def opened(name, modality=None, **settings):
    return open_encoder(ModelSettings(name=name, **settings), modality=modality, limits=LimitSettings())


def picture(seed, size=64):
    pixels = np.random.default_rng(seed).integers(0, 256, (size // 8, size // 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).resize((size, size)).save(buffer, "png")
    return buffer.getvalue()


PICTURES = [picture(seed) for seed in range(3)]


def tensors(encoder, contents=PICTURES):
    arrays = encoder.modality.collate([encoder.modality.decode(content) for content in contents])
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def encoded(encoder, contents=PICTURES):
    return encoder.encode([encoder.modality.decode(content) for content in contents])
