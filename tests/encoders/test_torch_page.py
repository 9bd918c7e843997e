"""The examples of the page on models run as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import open_encoder

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")

PAGE = Path(__file__).parents[2] / "docs" / "models.md"


def test_the_factory_and_the_file_of_the_page_are_the_same_model(tmp_path, monkeypatch):
    section = PAGE.read_text(encoding="utf-8").partition("## Models that torch runs")[2]
    factory, export = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    (tmp_path / "networks").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "networks" / "mine.py").write_text(factory)
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    made = open_encoder(ModelSettings(name="networks/mine.py:make"), modality=None, limits=LimitSettings())
    exec(export, {"torch": torch, "network": made._network()[0].module})

    settings = ModelSettings.model_validate(
        {"name": "models/mine.pt2", "preprocess": made.modality.preprocess.model_dump()}
    )
    file = open_encoder(settings, modality="image", limits=LimitSettings())
    assert made.provides == file.provides == {"embeddings", "probs"}
    item = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    for one, other in zip(signals(made.encode([item])), signals(file.encode([item])), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def signals(batch):
    return batch.embeddings, batch.probs
