"""Names of torch models, each kind under the contract of every encoder and against its own library.

Nothing is downloaded: networks are made small or random, and saved where a download would have put them.
"""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from alaas.errors import ConfigError, ModelError, UnknownNameError
from alaas.testing.encoders import EncoderSuite

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")
timm = pytest.importorskip("timm")

from torch_models import PICTURES, encoded, opened, picture, tensors, write_program  # noqa: E402

SMALL = {"size": 64}


class PictureSuite(EncoderSuite):
    def contents(self):
        return PICTURES


class TestTorchvision(PictureSuite):
    def make(self):
        return opened("torchvision:shufflenet_v2_x0_5@none", preprocess=SMALL)


class TestTorchvisionInBf16(PictureSuite):
    tolerance = 0.05

    def make(self):
        engine = {"name": "torch", "precision": "bf16"}
        return opened("torchvision:resnet18@none", preprocess=SMALL, engine=engine)


class TestTimm(PictureSuite):
    tolerance = 1e-3

    def make(self):
        return opened("timm:test_vit@none")


def test_torchvision_loads_its_weights_and_reads_before_and_after_the_last_layer(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    weights = torchvision.models.ShuffleNet_V2_X0_5_Weights.DEFAULT
    original = torchvision.models.shufflenet_v2_x0_5(weights=None).eval()
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(original.state_dict(), folder / weights.url.rpartition("/")[2])

    encoder = opened("torchvision:shufflenet_v2_x0_5@IMAGENET1K_V1")
    found = encoded(encoder)
    with torch.inference_mode():
        scores = original(tensors(encoder)["pixels"])
        head, original.fc = original.fc, torch.nn.Identity()
        features = original(tensors(encoder)["pixels"])
    assert head.in_features == found.embeddings.shape[1]
    np.testing.assert_allclose(found.embeddings, features.numpy(), atol=1e-4)
    np.testing.assert_allclose(found.probs, torch.softmax(scores, 1).numpy(), atol=1e-5)
    assert encoder.modality.preprocess.crop_share == 224 / 256


def test_torchvisions_own_preprocessing_gives_the_same_pixels():
    encoder = opened("torchvision:resnet18@none")
    content = picture(5, size=300)
    theirs = torchvision.models.ResNet18_Weights.DEFAULT.transforms()(Pillow.open(io.BytesIO(content)))
    ours = tensors(encoder, [content])["pixels"][0]
    assert (ours - theirs).abs().mean() < 0.02
    squeezed = tensors(opened("torchvision:resnet18@none", preprocess={}), [content])["pixels"][0]
    assert (squeezed - theirs).abs().mean() > 0.1  # without the share of the crop it would not


def test_a_network_that_ends_in_a_convolution_gives_probabilities_alone():
    encoder = opened("torchvision:squeezenet1_1@none", preprocess=SMALL)
    assert encoder.provides == {"probs"}
    assert encoded(encoder).embeddings is None


@pytest.mark.parametrize("name", ["regnet_y_400mf", "googlenet", "swin_t"])
def test_families_of_torchvision_end_in_a_linear_layer(name):
    from alaas.encoders._torch_classifier import first, split_classifier

    options = {"init_weights": False} if name == "googlenet" else {}
    network = torchvision.models.get_model(name, weights=None, num_classes=10, **options).eval()
    assert split_classifier(network, first, {"pixels": torch.randn(1, 3, 64, 64)}) is not None


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("torchvision:resnet19", UnknownNameError, "resnet18"),
        ("torchvision:resnet18@IMAGENET", ConfigError, "IMAGENET1K_V1.*none"),
        ("timm:resnet_18", UnknownNameError, "resnet18"),
    ],
)
def test_unknown_names_come_with_known_ones(name, error, message):
    with pytest.raises(error, match=message):
        opened(name)


def test_what_the_library_knows_is_not_for_the_settings():
    with pytest.raises(ConfigError, match=r"model\.outputs"):
        opened("torchvision:resnet18@none", outputs={"logits": "scores"})


def test_another_engine_is_refused_and_auto_is_torch():
    with pytest.raises(ConfigError, match="runs on torch"):
        opened("timm:test_vit@none", engine="openvino")
    assert opened("timm:test_vit@none", engine="auto").engine.info.name == "torch"


def test_the_fingerprint_follows_weights_precision_and_structure():
    def fingerprint(name, **engine):
        return opened(name, preprocess=SMALL, engine={"name": "torch", **engine}).fingerprint

    one = fingerprint("torchvision:resnet18@none")
    assert one == fingerprint("torchvision:resnet18@none")
    assert one != fingerprint("torchvision:resnet18@none", precision="bf16")
    assert "torchvision/" in one


def test_timm_loads_from_the_hub_and_pools_as_it_would(hub):
    original = timm.create_model("test_vit", pretrained=False).eval()
    from safetensors.torch import save_file

    save_file(original.state_dict(), hub.repository("timm/test_vit.r160_in1k") / "model.safetensors")
    encoder = opened("timm:test_vit")
    found = encoded(encoder)
    with torch.inference_mode():
        maps = original.forward_features(tensors(encoder)["pixels"])
        pooled, scores = original.forward_head(maps, pre_logits=True), original.forward_head(maps)
    np.testing.assert_allclose(found.embeddings, pooled.numpy(), atol=1e-4)
    np.testing.assert_allclose(found.probs, torch.softmax(scores, 1).numpy(), atol=1e-5)
    data = timm.data.resolve_model_data_config(original)
    preprocess = encoder.modality.preprocess
    assert (preprocess.crop_share, preprocess.mean) == (data["crop_pct"], data["mean"])


def test_weights_that_cannot_be_had_are_a_model_error(hub):
    with pytest.raises(ModelError, match="cannot get the weights of timm:test_vit"):
        opened("timm:test_vit").load()


HUBCONF = """
dependencies = ["torch"]
import torch

class Maps(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 5, 3)

    def forward(self, x):
        return self.convolution(x).mean(dim=(2, 3))

def maps():
    torch.manual_seed(1)
    return Maps()

def classes(pretrained=False):
    torch.manual_seed(2 if pretrained else 3)
    return torch.nn.Sequential(maps(), torch.nn.ReLU(), torch.nn.Linear(5, 4))
"""


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "hubconf.py").write_text(HUBCONF)
    return folder


class TestTorchhub(PictureSuite):
    @pytest.fixture(autouse=True)
    def _repository(self, repository):
        self.name = f"torchhub:{repository}:classes"

    def make(self):
        return opened(self.name, preprocess=SMALL)


def test_an_entry_of_torch_hub_is_a_classifier_or_embeds(repository):
    classes, maps = opened(f"torchhub:{repository}:classes"), opened(f"torchhub:{repository}:maps")
    assert (classes.provides, maps.provides) == ({"embeddings", "probs"}, {"embeddings"})
    assert encoded(maps).embeddings.shape == (3, 5)
    with pytest.raises(ModelError, match="torch hub"):
        opened(f"torchhub:{repository}:absent")
    with pytest.raises(ConfigError, match="owner/repository:entry"):
        opened("torchhub:resnet18")


NETWORKS = """
import torch
from torch import nn

class Colours(nn.Module):
    def __init__(self, how):
        super().__init__()
        torch.manual_seed(0)
        self.how = how
        self.scores = nn.Linear(3, 4)

    def forward(self, images):
        features = images.mean(dim=(2, 3))
        scores = self.scores(features)
        return {
            "dict": {"features": features, "logits": scores},
            "pair": (features, scores * 2),
            "scores": scores * 2,
            "classes": scores,
            "wrong": "text",
        }[self.how]

def make_dict():
    return Colours("dict"), {"preprocess": {"size": 16, "mean": [0, 0, 0], "std": [1, 1, 1]}}

def make_pair(): return Colours("pair")
def make_scores(): return Colours("scores"), {"outputs": {"logits": "scores"}}
def make_classes(): return Colours("classes")
def make_wrong(): return Colours("wrong")
def make_number(): return 7
def make_unknown(): return Colours("dict"), {"colour": "red"}
def fail(): raise RuntimeError("no such weights")

class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 4)

    def forward(self, input_ids, attention_mask):
        return {"last_hidden_state": self.table(input_ids)}

def make_words():
    torch.manual_seed(0)
    return Words()
"""


@pytest.fixture
def networks(tmp_path):
    path = tmp_path / "networks.py"
    path.write_text(NETWORKS)
    return path


class TestOwnNetwork(PictureSuite):
    @pytest.fixture(autouse=True)
    def _networks(self, networks):
        self.name = f"{networks}:make_dict"

    def make(self):
        return opened(self.name)


class TestOwnTextNetwork(EncoderSuite):
    @pytest.fixture(autouse=True)
    def _networks(self, networks):
        from alaas.testing.models import write_tokenizer

        self.name, self.tokenizer = f"{networks}:make_words", write_tokenizer(networks.with_name("t.json"))

    def make(self):
        return opened(self.name, tokenizer=str(self.tokenizer), modality="text")

    def contents(self):
        return [b"good film", b"a bad book", b"the", b"good good good bad film a book"]


@pytest.mark.parametrize(
    ("factory", "provides"),
    [
        ("make_dict", {"embeddings", "probs"}),
        ("make_pair", {"embeddings", "probs"}),
        ("make_scores", {"probs"}),
        ("make_classes", {"embeddings", "probs"}),
    ],
)
def test_what_a_factory_makes_gives_what_it_says(networks, factory, provides):
    encoder = opened(f"{networks}:{factory}")
    assert encoder.provides == provides
    means = tensors(encoder)["pixels"].mean(dim=(2, 3)).numpy()
    if "embeddings" in provides:
        np.testing.assert_allclose(encoded(encoder).embeddings, means, atol=1e-5)


def test_a_factory_says_its_preprocessing_and_the_settings_go_before(networks):
    assert opened(f"{networks}:make_dict").modality.preprocess.size == 16
    assert opened(f"{networks}:make_dict", preprocess={"size": 32}).modality.preprocess.size == 32


def test_a_module_that_python_finds_will_do(networks, monkeypatch):
    monkeypatch.syspath_prepend(networks.parent)
    assert opened("networks:make_pair").provides == {"embeddings", "probs"}


def test_the_fingerprint_follows_the_code_of_ones_own(networks):
    before = opened(f"{networks}:make_pair").fingerprint
    networks.write_text(NETWORKS.replace("scores * 2", "scores * 3"))
    assert opened(f"{networks}:make_pair").fingerprint != before


@pytest.mark.parametrize(
    ("factory", "error", "message"),
    [
        ("make_wrong", ConfigError, "expected one tensor"),
        ("make_number", ConfigError, r"makes a int; expected a torch\.nn\.Module"),
        ("make_unknown", ConfigError, "says colour of itself"),
        ("absent", ConfigError, "cannot be imported"),
        ("NETWORKS", ConfigError, "cannot be imported"),
        ("fail", ModelError, "no such weights"),
    ],
)
def test_a_factory_that_will_not_do_is_told_why(networks, factory, error, message):
    with pytest.raises(error, match=message):
        opened(f"{networks}:{factory}")


def test_a_module_that_is_not_there_is_told_how_to_write_it():
    with pytest.raises(ConfigError, match=r"module:factory.*file\.py:factory"):
        opened("no_such_module:make")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return write_program(tmp_path_factory.mktemp("program") / "model.pt2")


class TestPt2File(PictureSuite):
    @pytest.fixture(autouse=True)
    def _program(self, program):
        self.program = program

    def make(self):
        return opened(str(self.program))


def test_an_exported_program_is_no_onnx_graph(program):
    encoder = opened(str(program))
    assert encoder.graph() is None
    assert encoder.modality.preprocess.size == (8, 8)


def test_pickled_models_are_refused_with_a_way_to_save(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "model.pth")
    with pytest.raises(ModelError, match=r"any code.*torch\.export\.save"):
        opened(str(tmp_path / "model.pth"))
