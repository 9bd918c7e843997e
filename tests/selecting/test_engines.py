"""The engine behind a selection: replicas change nothing, int8 is made from a source and then used."""

import numpy as np
import pytest
from PIL import Image

import alaas
from alaas.config import Config, EngineSettings, ModelSettings
from alaas.errors import ModelError
from alaas.pipeline import Line
from alaas.selecting import Selector, quantize_model
from alaas.testing.models import write_network

PLAIN = {"size": 16, "resize": "squash", "scale": 1 / 255, "mean": (0.5, 0.5, 0.5), "std": (0.25, 0.25, 0.25)}


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(40):
        pixels = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((24, 24)).save(folder / f"{number:02d}.png")
    (folder / "broken.png").write_bytes(b"not a picture")
    return folder


@pytest.fixture
def network(tmp_path):
    return write_network(tmp_path / "network.onnx")


def config(network, **engine):
    return Config(
        model=ModelSettings(
            name=str(network),
            engine=EngineSettings(**engine),
            batch_size=2,
            preprocess=PLAIN,
            outputs={"embeddings": "features", "probs": "probs"},
        )
    )


@pytest.mark.parametrize("engine", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("strategy", ["margin", "k_center"])
def test_two_replicas_choose_what_one_chooses_and_both_work(photos, network, engine, strategy):
    pytest.importorskip(engine)

    def chosen(devices):
        settings = config(network, name=engine, devices=devices)
        with Selector(settings) as selector:
            found = selector.select(
                alaas.config.SourceSettings(uri=str(photos)), budget=8, strategy=strategy, use_cache=False
            )
            return found, selector.encoder(None, "image")._loaded

    one, _ = chosen(["cpu"])
    two, replicas = chosen(["cpu", "cpu"])
    assert one.ids == two.ids
    assert one.provenance.encoder_fingerprint == two.provenance.encoder_fingerprint
    assert [pick.score for pick in one.selected] == [pick.score for pick in two.selected]
    assert min(replicas.served) > 0
    assert sum(replicas.served) >= 20


def test_replicas_on_gpus_are_given_enough_callers(network):
    with Selector(config(network, devices=[f"cuda:{n}" for n in range(16)])) as selector:
        encoder = selector.encoder(None, "image")
        line: Line = selector.line(encoder, remote=False, cancel=None)
        workers = {stage.name: stage.workers for stage in line.stages()}
    assert workers["encode"] >= 32


def test_int8_is_made_from_a_source_and_then_used(photos, network):
    with pytest.raises(ModelError, match="alaas models quantize"):
        alaas.select(photos, budget=5, strategy="margin", config=config(network, precision="int8"))
    counts = []
    made = quantize_model(
        str(network),
        photos,
        items=20,
        config=config(network),
        on_count=lambda done, total: counts.append((done, total)),
    )
    assert made.items in (19, 20)  # the broken picture may have been drawn
    assert counts[-1] == (made.items, 20)
    exact = alaas.select(photos, budget=10, strategy="margin", config=config(network))
    lower = alaas.select(photos, budget=10, strategy="margin", config=config(network, precision="int8"))
    assert len(set(exact.ids) & set(lower.ids)) >= 7
    assert exact.provenance.encoder_fingerprint != lower.provenance.encoder_fingerprint
