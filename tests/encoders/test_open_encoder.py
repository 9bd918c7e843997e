"""From a name to an encoder, and what is said of each without loading it."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders import DEFAULTS, Encoder, EncoderInfo, describe, names, open_encoder, pull, registry
from alaas.errors import ConfigError, ModelError, UnknownNameError
from alaas.modalities.table import Table
from alaas.testing.encoders import EncoderSuite
from alaas.types import Item

ROOT = Path(__file__).parents[2]


def opened(name=None, modality=None, **settings):
    return open_encoder(ModelSettings(name=name, **settings), modality=modality, limits=LimitSettings())


@pytest.mark.parametrize("modality", ["image", "text", "table"])
def test_without_a_name_it_is_the_default_of_the_modality(modality):
    encoder = opened(modality=modality)
    assert encoder.name == DEFAULTS[modality]
    assert encoder.modality.name == modality


def test_without_name_and_modality_it_says_what_to_set():
    with pytest.raises(ConfigError, match="modality: image"):
        opened()


@pytest.mark.parametrize("name", names())
def test_what_is_said_of_a_model_is_what_it_does(name):
    about = describe(name)
    assert isinstance(about, EncoderInfo)
    assert about.name == name
    encoder = opened(name)
    assert (encoder.name, encoder.modality.name, encoder.provides) == (name, about.modality, about.provides)
    assert about.licence
    assert about.description


@pytest.mark.parametrize("name", ["EfficientNet_Lite0", "efficientnet-lite0", "EFFICIENTNET-LITE0"])
def test_spelling_does_not_matter(name):
    assert opened(name).name == describe(name).name == "efficientnet-lite0"


@pytest.mark.parametrize("name", ["onnx_file", "hugging_face", "efficientnet", "", "resnet18"])
def test_other_names_are_unknown(name):
    for look_up in (opened, describe, pull):
        with pytest.raises(UnknownNameError):
            look_up(name)


def test_an_unknown_name_comes_with_the_nearest():
    with pytest.raises(UnknownNameError, match="did you mean 'efficientnet-lite0'"):
        opened("efficientnet_lit0")


@pytest.mark.parametrize(("name", "modality"), [("efficientnet-lite0", "text"), ("passthrough", "image")])
def test_a_model_of_another_modality_is_refused_with_the_default(name, modality):
    with pytest.raises(ConfigError, match=DEFAULTS[modality]):
        opened(name, modality)


def test_an_unknown_engine_is_refused():
    with pytest.raises(UnknownNameError, match="onnxruntime"):
        opened("efficientnet-lite0", engine="onnxrutime")


def test_more_tokens_than_the_network_has_places_are_refused():
    with pytest.raises(ConfigError, match="at most 512"):
        opened("minilm-l6", max_length=513)


def test_what_needs_no_file_is_not_pulled():
    assert pull("passthrough") is None


def test_opening_imports_neither_the_engine_nor_onnx():
    code = (
        "import sys; from alaas.config import *; from alaas.encoders import *\n"
        "for name in names(): describe(name); open_encoder(ModelSettings(name=name), modality=None, "
        "limits=LimitSettings())\n"
        "sys.exit(bool({'onnx', 'onnxruntime', 'torch', 'safetensors', 'tokenizers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_every_model_stands_on_the_models_page():
    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    for name in names():
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}`")), "")
        about = describe(name)
        for fact in (about.modality, about.licence, about.package or "–", *sorted(about.provides)):
            assert fact in row, f"docs/models.md does not say {fact!r} of {name}"


class TestPassthrough(EncoderSuite):
    def make(self):
        encoder = opened("passthrough")
        assert isinstance(encoder.modality, Table)
        encoder.modality.prepare(self.items())
        return encoder

    def items(self):
        colours = ("red", "green", "blue", "red")
        return [Item(id=str(n), row={"size": n * n, "colour": colour}) for n, colour in enumerate(colours)]

    def contents(self):
        modality = Table(limits=LimitSettings())
        return [content for item in self.items() if (content := modality.inline(item)) is not None]

    def test_it_gives_the_decoded_rows(self, encoder):
        rows = self.decoded(encoder)
        np.testing.assert_array_equal(encoder.encode(rows).embeddings, np.stack(rows))

    def test_it_is_not_worth_remembering(self, encoder):
        assert not encoder.cacheable

    def test_a_row_that_is_not_finite_is_refused(self, encoder):
        with pytest.raises(ModelError, match="NaN"):
            encoder.encode([np.array([1, np.nan], np.float32)])

    def test_the_fingerprint_follows_what_was_learnt(self, encoder):
        other = opened("passthrough")
        assert isinstance(other.modality, Table)
        other.modality.prepare(self.items()[:2])
        assert other.fingerprint != encoder.fingerprint


class Outsider(Encoder):
    """An encoder of another package."""

    about = EncoderInfo(
        name="outsider",
        modality="table",
        provides=frozenset({"embeddings"}),
        dimensions=None,
        classes=None,
        megabytes=0,
        licence="MIT",
        package=None,
        description="an encoder of another package",
    )

    @classmethod
    def open(cls, model, *, modality, limits):
        encoder = cls()
        encoder.name, encoder.modality, encoder.provides = (
            "outsider",
            Table(limits=limits),
            cls.about.provides,
        )
        return encoder

    @property
    def fingerprint(self):
        return "outsider"

    def load(self):
        pass

    def encode(self, batch):
        raise NotImplementedError


def test_another_package_adds_a_model_by_its_entry_point(monkeypatch):
    point = importlib.metadata.EntryPoint("outsider", f"{__name__}:Outsider", registry.package)
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr(registry, "_plugins", {"outsider": point})
    assert "outsider" in names()
    assert describe("outsider").licence == "MIT"
    assert opened("outsider").name == "outsider"
