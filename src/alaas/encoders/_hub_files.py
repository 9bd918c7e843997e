"""What the files of a hub model say about its pre-processing and pooling."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import ValidationError

from alaas.config import PreprocessSettings
from alaas.errors import ConfigError, ModelError

_INTERPOLATIONS: Final = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}
"""Pillow's numbers, in which the hub's files give the filter."""

_REPRESENTABLE: Final = 1_000_000
"""Longer "maximum lengths" mean that nobody set one."""


class HubFiles:
    """The files of one hub model, in the folder that the hub's library keeps."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    def model(self) -> Path:
        """The ONNX file.

        Raises:
            ModelError: the repository holds none.
        """
        for path in (self.folder / "onnx" / "model.onnx", self.folder / "model.onnx"):
            if path.is_file():
                return path
        raise ModelError(
            f"the model {self.name} holds no onnx/model.onnx or model.onnx; choose one that does, run it "
            "with torch as transformers:owner/name, or export it to ONNX yourself and name the file"
        )

    def tokenizer(self) -> Path:
        """The tokenizer.

        Raises:
            ModelError: the repository holds none of the fast kind.
        """
        path = self.folder / "tokenizer.json"
        if not path.is_file():
            raise ModelError(
                f"the model {self.name} takes texts but holds no tokenizer.json; choose one that does"
            )
        return path

    def max_length(self, wanted: int) -> int:
        """The least of what is wanted and what the model's files allow."""
        declared = (
            self._read("sentence_bert_config.json").get("max_seq_length"),
            self._read("tokenizer_config.json").get("model_max_length"),
            self._read("config.json").get("max_position_embeddings"),
        )
        allowed = [int(n) for n in declared if isinstance(n, (int, float)) and 0 < n < _REPRESENTABLE]
        return min([wanted, *allowed])

    def inputs(self) -> list[str]:
        """What the tokenizer's file says that the model takes."""
        declared = self._read("tokenizer_config.json").get("model_input_names", ())
        return [str(name) for name in declared] if isinstance(declared, list) else []

    def prompt(self) -> str:
        """What sentence-transformers would put before every text; empty if nothing."""
        declared = self._read("config_sentence_transformers.json")
        prompts, default = declared.get("prompts"), declared.get("default_prompt_name")
        return str(prompts.get(default, "")) if isinstance(prompts, dict) and default else ""

    def pooling(self) -> Literal["mean", "cls"]:
        """How token vectors become one, as sentence-transformers' own file says; else the mean.

        Raises:
            ConfigError: in a way that is not known here.
        """
        declared = self._read("1_Pooling/config.json")
        modes = [key.removeprefix("pooling_mode_") for key, on in declared.items() if on is True]
        modes = [mode for mode in modes if mode in ("cls_token", "mean_tokens", "max_tokens")] or [
            str(declared.get("pooling_mode", "mean"))
        ]
        if modes in (["cls_token"], ["cls"]):
            return "cls"
        if modes in (["mean_tokens"], ["mean"]):
            return "mean"
        raise ConfigError(
            f"the model {self.name} pools its tokens by {' and '.join(modes)}, which is not supported; set "
            "model.outputs.pooling to mean or cls to take that instead"
        )

    def normalises(self) -> bool:
        """Whether sentence-transformers would scale its embeddings to length 1."""
        modules = self._json("modules.json")
        kinds = [str(module.get("type", "")) for module in modules if isinstance(module, dict)]
        return any(kind.endswith("Normalize") for kind in kinds)

    def preprocess(self) -> PreprocessSettings | None:
        """The image pre-processing of ``preprocessor_config.json``; None if there is no such file.

        Raises:
            ModelError: the file makes no sense.
        """
        declared = self._read("preprocessor_config.json")
        if not declared:
            return None
        normalise = declared.get("do_normalize", True)
        try:
            return PreprocessSettings.model_validate(
                {
                    **_geometry(declared),
                    "interpolation": _INTERPOLATIONS.get(declared.get("resample", 2), "bilinear"),
                    "scale": declared.get("rescale_factor", 1 / 255)
                    if declared.get("do_rescale", True)
                    else 1.0,
                    "mean": declared.get("image_mean", (0.485, 0.456, 0.406)) if normalise else (0, 0, 0),
                    "std": declared.get("image_std", (0.229, 0.224, 0.225)) if normalise else (1, 1, 1),
                }
            )
        except (ValidationError, TypeError, KeyError) as error:
            raise ModelError(
                f"the preprocessor_config.json of {self.name} cannot be understood ({error}); declare "
                "model.preprocess yourself"
            ) from error

    def _read(self, path: str) -> Mapping[str, Any]:
        found = self._json(path)
        return found if isinstance(found, dict) else {}

    def _json(self, path: str) -> Any:
        try:
            return json.loads((self.folder / path).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ModelError(f"the {path} of {self.name} cannot be read: {error}") from error


def _geometry(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Size and way of resizing, as our settings say it."""
    crops = declared.get("do_center_crop", "crop_size" in declared)
    resized = declared.get("size", 224) if declared.get("do_resize", True) else None
    size = declared["crop_size"] if crops and "crop_size" in declared else declared.get("size", 224)
    if isinstance(size, dict):
        if "shortest_edge" in size:
            return {"size": int(size["shortest_edge"]), "resize": "crop"}
        size = (int(size["height"]), int(size["width"]))
    return {"size": size, "resize": "crop" if crops else "squash", "crop_share": _share(crops, size, resized)}


def _share(crops: bool, size: int | tuple[int, int], resized: Any) -> float:
    """What a crop keeps of the shorter side, which was scaled to ``resized`` before."""
    shorter = resized.get("shortest_edge") if isinstance(resized, dict) else resized
    if not crops or not isinstance(shorter, int):
        return 1.0
    return min(1.0, (size if isinstance(size, int) else min(size)) / shorter)
