"""Which files of a hub model torch needs, and what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from alaas.config import ModelSettings
from alaas.encoders._hub import fetch, repository_of
from alaas.errors import ModelError

_SAID: Final = ("*.json", "1_Pooling/*.json", "2_*/*.json", "3_*/*.json", "4_*/*.json")
"""Small files that say what a model is; fetched when it is opened."""
_WEIGHTS: Final = ("*.safetensors",)
"""The weights, data only: neither pickles (``.bin``) nor code is ever fetched."""


class TransformerFiles:
    """A model's folder: one of this machine, or what the hub's library keeps of a repository."""

    def __init__(self, name: str, prefix: str, model: ModelSettings) -> None:
        self.name = name
        named = Path(name.removeprefix(prefix)).expanduser()
        self._repository: tuple[str, str | None] | None = None
        if named.is_dir():
            self.folder = named
        else:
            self._repository = repository_of(name, prefix, model.revision, owner=False)
            self.folder = fetch(name, *self._repository, _SAID)

    def with_weights(self) -> Path:
        """The folder, with the weights in it.

        Raises:
            ModelError: they cannot be had, or not as safetensors.
        """
        if self._repository is not None:
            repository, revision = self._repository
            self.folder = fetch(self.name, repository, revision, (*_SAID, *_WEIGHTS, "*/*.safetensors"))
        if not any(self.folder.glob("*.safetensors")):
            raise ModelError(
                f"the model {self.name} has no weights as safetensors, and pickles are not opened; save it "
                "with save_pretrained(folder) and name the folder"
            )
        return self.folder

    def config(self) -> dict[str, Any]:
        """What ``config.json`` says.

        Raises:
            ModelError: there is none, or it asks for code of its own.
        """
        try:
            found = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"the model {self.name} has no config.json that can be read: {error}") from error
        if not isinstance(found, dict) or "auto_map" in found:
            raise ModelError(
                f"the model {self.name} brings code of its own, which is not run; choose one of an "
                "architecture that transformers has, or write a factory and name it as module:factory"
            )
        return found
