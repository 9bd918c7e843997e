"""Small torch networks and ``.pt2`` files, made on the spot; needs torch."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn
from torch.export import Dim, export, save


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
