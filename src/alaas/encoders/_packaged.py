"""Encoders of the zoo whose weights come in a Python package and are turned into ONNX once."""

from __future__ import annotations

import tempfile
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder, EncoderInfo
from alaas.encoders._model_file import ModelFile
from alaas.encoders._onnx import OnnxEncoder
from alaas.encoders._packages import OnStep, PackagedFile, obtain
from alaas.encoders._readout import Readout
from alaas.encoders._store import is_stored, stored, stored_sha256
from alaas.engines import open_engine
from alaas.modalities import Modality
from alaas.types import ModalityName

MODEL = "model.onnx"
TOKENIZER = "tokenizer.json"


class PackagedEncoder(OnnxEncoder):
    """One model of the zoo. A subclass says what it is, where its weights are and how they become ONNX."""

    about: ClassVar[EncoderInfo]
    sources: ClassVar[Mapping[str, PackagedFile]]
    """The files of weights, by the name that ``convert`` knows them by."""

    revision: ClassVar[int] = 1
    """Goes up when ``convert`` writes another graph, so that one made before is not taken for it."""

    files: ClassVar[tuple[str, ...]] = (MODEL,)
    """What ``convert`` writes."""

    readout: Readout

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:  # noqa: ARG003
        return cls(
            name=cls.about.name,
            modality=cls.make_modality(model, limits),
            engine=open_engine(model.engine, threads=model.threads),
            readout=cls.outputs(),
            obtain=cls._model_file,
            batch_size=model.batch_size,
        )

    @classmethod
    def pull(cls, on_step: OnStep) -> Path:
        """Get the weights and convert them if that has not been done; return the folder of the result.

        Raises:
            ModelError: the weights cannot be had, read or kept.
        """

        def make(folder: Path) -> None:
            with tempfile.TemporaryDirectory(prefix="alaas-") as downloads:
                found = {name: obtain(file, Path(downloads), on_step) for name, file in cls.sources.items()}
                on_step(f"converting {cls.about.name} to ONNX")
                cls.convert(found, folder)

        return stored(cls._folder(), cls.files, make)

    @classmethod
    def is_pulled(cls) -> bool:
        """Whether it is here; nothing is fetched."""
        return is_stored(cls._folder(), cls.files)

    @classmethod
    def _folder(cls) -> str:
        return f"{cls.about.name}-{cls.revision}"

    @classmethod
    def _model_file(cls) -> ModelFile:
        path = cls.pull(lambda _step: None) / MODEL
        return ModelFile(path=path, sha256=stored_sha256(path))

    @classmethod
    def tokenizer(cls) -> Path:
        """The tokenizer beside the model, made together with it."""
        return cls.pull(lambda _step: None) / TOKENIZER

    @classmethod
    @abstractmethod
    def make_modality(cls, model: ModelSettings, limits: LimitSettings) -> Modality:
        """What decodes the items for it; makes the inputs of its graph."""

    @classmethod
    @abstractmethod
    def outputs(cls) -> Readout:
        """What the outputs of its graph mean."""

    @classmethod
    @abstractmethod
    def convert(cls, found: Mapping[str, Path], folder: Path) -> None:
        """Write ``files`` into ``folder`` from the files of weights, by their names in ``sources``.

        Raises:
            ModelError: the weights are not what they should be.
        """
