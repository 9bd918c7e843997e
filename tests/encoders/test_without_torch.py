"""What is said of torch models where torch, or the library that has them, is not installed."""

import importlib.util
import sys

import pytest

from alaas.config import EngineSettings, LimitSettings, ModelSettings
from alaas.encoders import open_encoder
from alaas.engines import open_engine
from alaas.engines.torch import Torch
from alaas.errors import MissingExtraError, UsageError

LIBRARIES = ("torch", "torchvision", "timm", "transformers", "sentence_transformers")


@pytest.fixture(autouse=True)
def _absent(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name in LIBRARIES else find(name))
    for name in LIBRARIES:
        for module in [module for module in sys.modules if module.partition(".")[0] == name]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("torchvision:resnet18", "torchvision"),
        ("timm:resnet18", "timm"),
        ("torchhub:owner/repository:entry", "torch"),
        ("transformers:owner/name", "transformers"),
        ("sentence-transformers:owner/name", "sentence-transformers"),
        ("Sentence_Transformers:owner/name", "sentence-transformers"),
        ("my_models:make", "torch"),
        ("models/mine.pt2", "torch"),
    ],
)
def test_each_kind_says_which_extra_it_needs(name, extra):
    with pytest.raises(MissingExtraError, match=rf"alaas\[{extra}\]") as caught:
        open_encoder(ModelSettings(name=name), modality=None, limits=LimitSettings())
    assert name in caught.value.message


def test_the_engine_says_so_too():
    with pytest.raises(MissingExtraError, match=r"alaas\[torch\]"):
        open_engine(EngineSettings(name="torch"))
    assert "alaas[torch]" in (Torch.available().missing or "")


@pytest.mark.parametrize("name", ["torchvision:resnet18", "my_models:make", "mine.pt2"])
def test_a_client_of_the_server_may_name_none_of_them(name):
    from alaas.config import Config
    from alaas.server.models import check_model

    with pytest.raises(UsageError, match="a request may name"):
        check_model(name, Config())
