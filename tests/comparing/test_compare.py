"""Engines and precisions side by side: who is compared, with whom, and what is said of each."""

from typing import ClassVar

import numpy as np
import pytest
from PIL import Image

from alaas.comparing import compare
from alaas.config import Config, SourceSettings
from alaas.engines import Availability
from alaas.engines.onnxruntime import Onnxruntime
from alaas.errors import ConfigError, ModelError, NoUsableItemsError
from alaas.testing.models import write_image_model


class Rounding(Onnxruntime):
    """Knows bf16 too, and rounds there."""

    name = "rounding"

    precisions = ("stored", "fp32", "bf16", "int8")

    @classmethod
    def available(cls):
        return Availability(version="1", devices=("cpu",), precisions=cls.precisions)

    def load(self, path):
        if self.precision != "bf16":
            return super().load(path)
        model = Onnxruntime().load(path)
        exact, model.precision = model.run, "bf16"
        model.run = lambda batch: {
            name: (values.view(np.uint32) & 0xFFFF0000).view(np.float32)
            for name, values in exact(batch).items()
        }
        return model


@pytest.fixture
def engines(monkeypatch):
    class Two:
        kinds: ClassVar = {"onnxruntime": Onnxruntime, "rounding": Rounding}

        def names(self):
            return sorted(self.kinds)

        def get(self, name):
            return self.kinds[name]

    monkeypatch.setattr("alaas.engines.registry", Two())


@pytest.fixture
def config(tmp_path):
    (tmp_path / "photos").mkdir()
    for number, pixels in enumerate(np.random.default_rng(0).integers(0, 255, (30, 8, 8, 3), np.uint8)):
        Image.fromarray(pixels).save(tmp_path / "photos" / f"{number}.png")
    (tmp_path / "photos" / "bad.png").write_bytes(b"no picture")
    model = write_image_model(tmp_path / "tiny.onnx")
    return Config.model_validate(
        {"model": {"name": str(model), "preprocess": {"size": 8}}, "source": str(tmp_path / "photos")}
    )


def test_each_precision_comes_once_and_is_compared_with_fp32(engines, config):
    said = []
    found = compare(config=config, budget=5, on_step=said.append)
    assert [(row.engine, row.precision) for row in found.rows] == [
        ("onnxruntime", "fp32"),
        ("rounding", "fp32"),
        ("rounding", "bf16"),
    ]
    reference, same, rounded = found.rows
    assert (reference.overlap, reference.max_difference) == (1.0, 0.0)
    assert (same.overlap, same.max_difference) == (1.0, 0.0)
    assert 0 < rounded.mean_difference <= rounded.max_difference < 0.01
    assert 0 <= rounded.overlap <= 1
    assert all(row.encode_rate > 0 and row.job_rate > 0 for row in found.rows)
    assert (found.items, found.sample, found.budget, found.strategy) == (31, 30, 5, "margin")
    (out,) = (out for out in found.left_out if out.engine == "rounding")
    assert out.precision == "int8"
    assert "alaas models quantize" in out.reason
    assert said[-1] == "rounding bf16"


def test_a_precision_that_is_asked_for_still_comes_with_its_reference(engines, config):
    found = compare(config=config, budget=5, precisions=["bf16"])
    assert [row.precision for row in found.rows] == ["fp32", "bf16"]
    assert [row.engine for row in compare(config=config, budget=5, engines=["rounding"]).rows] == [
        "rounding",
        "rounding",
    ]


def test_the_budget_is_never_more_than_there_is(engines, config):
    found = compare(config=config, budget=500, strategy="k_center")
    assert found.budget == 30
    assert all(row.overlap == 1.0 for row in found.rows)


def test_nothing_is_remembered(engines, config, tmp_path):
    cached = config.model_copy(
        update={"cache": config.cache.model_copy(update={"directory": tmp_path / "c"})}
    )
    compare(config=cached, budget=2)
    assert not (tmp_path / "c").exists()


def test_what_cannot_be_compared_is_refused(engines, config, tmp_path, monkeypatch):
    (tmp_path / "rows.csv").write_text("id,size\n1,2\n")
    with pytest.raises(ConfigError, match="no model"):
        compare(SourceSettings(uri=str(tmp_path / "rows.csv")), config=Config(modality="table"))
    monkeypatch.setattr(
        Rounding, "available", classmethod(lambda cls: Availability(version=None, missing="no"))
    )
    with pytest.raises(ModelError, match=r"rounding \(–\): no"):
        compare(config=config, engines=["rounding"], budget=1)
    with pytest.raises(NoUsableItemsError):
        compare(SourceSettings(uri=[str(tmp_path / "photos" / "bad.png")]), config=config)
