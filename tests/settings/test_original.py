"""Files of ALaaS 0.2 are taken, and what has no meaning any more is said."""

import pytest

from alaas.errors import ConfigError
from alaas.settings import load_config, original_strategy, read_config
from alaas.strategies import registry

ORIGINAL = """
name: photo_server
version: 0.1
active_learning:
  strategy:
    type: {type}
    model:
      name: {name}
      hub: {hub}
      batch_size: 16
      device: {device}
{model}  al_worker:
    protocol: {protocol}
    host: {host}
    port: 9091
    replicas: {replicas}
"""


@pytest.fixture
def original(tmp_path):
    def write(extra: str = "", **changes: str):
        path = tmp_path / "old.yml"
        values = {
            "type": "LeastConfidence",
            "name": "efficientnet-lite0",
            "hub": "'pytorch/vision:v0.10.0'",
            "device": "cpu",
            "model": "",
            "protocol": "http",
            "host": "127.0.0.1",
            "replicas": "1",
        }
        path.write_text(ORIGINAL.format(**{**values, **changes}) + extra)
        return path

    return write


@pytest.fixture(autouse=True)
def _no_torch(monkeypatch):
    """Whatever is installed where the tests run."""
    monkeypatch.setattr("alaas.settings._original._installed", lambda *libraries: False)


@pytest.fixture
def torch_libraries(monkeypatch, _no_torch):
    monkeypatch.setattr("alaas.settings._original._installed", lambda *libraries: True)


def test_everything_that_has_a_meaning_is_taken(original):
    loaded = read_config(original(), environ={})
    config = loaded.config
    assert config.name == "photo_server"
    assert (config.strategy.name, config.model.name, config.model.batch_size) == (
        "least_confidence",
        "efficientnet-lite0",
        16,
    )
    assert (config.server.host, config.server.port) == ("127.0.0.1", 9091)
    assert loaded.warnings == ()


@pytest.mark.parametrize("spelling", ["efficientnet_lite0", "EfficientNet-Lite0", "minilm-l6"])
@pytest.mark.parametrize("hub", ["'pytorch/vision:v0.10.0'", "huggingface/pytorch-transformers", "nowhere"])
def test_a_model_of_the_zoo_is_taken_from_the_zoo_whatever_its_hub_says(original, spelling, hub):
    config = load_config(original(name=spelling, hub=hub), environ={})
    assert config.model.name == spelling.lower().replace("_", "-")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("RandomSampling", "random"),
        ("LeastConfidence", "least_confidence"),
        ("MarginConfidence", "margin"),
        ("RatioConfidence", "ratio"),
        ("EntropySampling", "entropy"),
        ("VarRatioSampling", "least_confidence"),
        ("KMeansSampling", "k_means"),
        ("KCenterSampling", "k_center"),
        ("KCenterGreedy", "k_center"),
        ("BadgeSampling", "badge"),
        ("BADGESampling", "badge"),
        ("k_center_sampling", "k_center"),
    ],
)
def test_strategies_have_our_names(original, theirs, ours):
    assert original_strategy(theirs) == ours
    assert ours in registry
    assert load_config(original(type=theirs), environ={}).strategy.name == ours


@pytest.mark.parametrize("theirs", ["BayesianDisagreement", "MeanSTDSampling"])
def test_a_strategy_that_never_worked_is_replaced_and_that_is_said(original, theirs):
    loaded = read_config(original(type=theirs), environ={})
    assert loaded.config.strategy.name == "entropy"
    assert any(theirs in warning and "'entropy' chooses" in warning for warning in loaded.warnings)


def test_our_names_are_no_originals_but_are_taken_in_its_files(original):
    assert original_strategy("badge") is None
    assert load_config(original(type="badge"), environ={}).strategy.name == "badge"


def test_an_unknown_strategy_names_the_nearest(original):
    with pytest.raises(
        ConfigError, match=r"strategy\.type: unknown strategy 'LestConfidence'; did you mean 'Least"
    ):
        load_config(original(type="LestConfidence"), environ={})


def test_a_torch_model_says_what_to_take_instead(original):
    with pytest.raises(
        ConfigError,
        match=r"'resnet18' of 'pytorch/vision.*torchvision.*efficientnet-lite0.*hf:owner/name.*\.onnx",
    ):
        load_config(original(name="resnet18"), environ={})


@pytest.mark.parametrize(
    ("name", "hub", "ours"),
    [
        ("resnet18", "'pytorch/vision:v0.10.0'", "torchvision:resnet18@IMAGENET1K_V1"),
        ("dinov2_vits14", "facebookresearch/dinov2", "torchhub:facebookresearch/dinov2:dinov2_vits14"),
        ("net", "'owner/repository:v1'", "torchhub:owner/repository:v1:net"),
        ("bert-base-uncased", "huggingface/pytorch-transformers", "transformers:bert-base-uncased"),
        ("efficientnet-lite0", "'pytorch/vision:v0.10.0'", "efficientnet-lite0"),
    ],
)
def test_with_torch_its_models_are_the_same_by_our_names(original, torch_libraries, name, hub, ours):
    loaded = read_config(original(name=name, hub=hub), environ={})
    assert loaded.config.model.name == ours
    assert loaded.warnings == ()


def test_with_torch_a_device_is_where_it_runs(original, torch_libraries):
    loaded = read_config(original(name="resnet18", device="cuda"), environ={})
    engine = loaded.config.model.engine
    assert (engine.name, engine.devices, loaded.warnings) == ("torch", ["cuda"], ())


def test_choosing_at_random_needs_no_model(original):
    loaded = read_config(original(name="resnet18", type="RandomSampling"), environ={})
    assert loaded.config.model.name is None
    assert any("resnet18" in warning for warning in loaded.warnings)


def test_a_model_of_the_hugging_face_hub_is_named_as_one(original):
    path = original(
        name="org/net", hub="huggingface/pytorch-transformers", model="      tokenizer: org/net\n"
    )
    loaded = read_config(path, environ={})
    assert loaded.config.model.name == "hf:org/net"
    assert loaded.warnings == ()


def test_a_model_of_the_hugging_face_hub_needs_its_owner(original):
    with pytest.raises(ConfigError, match="hf:owner/name"):
        load_config(original(name="bert-base-uncased", hub="huggingface/pytorch-transformers"), environ={})


def test_what_has_no_meaning_is_said(original):
    path = original(
        device="cuda", replicas="4", protocol="grpc", model="      args: [1]\n      colour: red\n"
    )
    warnings = read_config(path, environ={}).warnings
    for key in ("device", "replicas", "protocol", "args", "colour"):
        assert sum(f"{key}: " in warning for warning in warnings) == 1
    assert all(str(path) in warning for warning in warnings)


def test_it_listens_to_this_machine_alone_unless_told_otherwise(original):
    path = original(host="0.0.0.0")
    loaded = read_config(path, environ={})
    assert loaded.config.server.host == "127.0.0.1"
    assert "ALAAS_SERVER_ALLOW_REMOTE" in loaded.warnings[0]
    opened = read_config(path, environ={"ALAAS_SERVER_ALLOW_REMOTE": "true"})
    assert (opened.config.server.host, opened.warnings) == ("0.0.0.0", ())
    asked = read_config(path, overrides={"server.host": "localhost"}, environ={})
    assert (asked.config.server.host, asked.warnings) == ("localhost", ())


def test_load_config_tells_code_by_python_warnings(original):
    with pytest.warns(UserWarning, match="listening on 127"):
        load_config(original(host="0.0.0.0"), environ={})


def test_our_settings_beside_it_win(original, tmp_path):
    path = original(extra="source: photos\nstrategy: margin\nserver: {jobs: 2}\n")
    config = load_config(path, environ={"ALAAS_SERVER_PORT": "1"})
    assert config.source is not None
    assert config.source.uri == str(tmp_path / "photos")
    assert (config.strategy.name, config.server.jobs, config.server.port) == ("margin", 2, 1)


def test_a_wrong_value_is_named_where_it_stands(original):
    path = original()
    path.write_text(path.read_text().replace("batch_size: 16", "batch_size: many"))
    with pytest.raises(
        ConfigError, match=r"old\.yml: active_learning\.strategy\.model\.batch_size: expected a whole"
    ):
        load_config(path, environ={})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("active_learning: 5", "active_learning: expected settings under it, got 5"),
        ("active_learning:", r"strategy\.type: expected one of .*got nothing"),
        ("active_learning: {strategy: {type: [x]}}", r"strategy\.type: expected one of .*got \['x'\]"),
        ("active_learning: {strategy: {type: KMeansSampling, model: x}}", "model: expected settings"),
        ("active_learning: {strategy: {type: KMeansSampling}}\nfoo: 1", "unknown key 'foo'"),
    ],
)
def test_a_broken_file_is_one_sentence(tmp_path, text, message):
    path = tmp_path / "old.yml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        load_config(path, environ={})
