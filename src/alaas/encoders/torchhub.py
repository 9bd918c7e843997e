"""Models of torch hub: ``torchhub:owner/repository:entry``, with a tag, or of a folder laid out as one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

from alaas.config import LimitSettings, ModelSettings
from alaas.encoders._base import Encoder
from alaas.encoders._own import open_network
from alaas.encoders._torch_encoder import library
from alaas.errors import ConfigError, ModelError
from alaas.types import ModalityName

_PREFIX: Final = "torchhub:"


class Torchhub(Encoder):
    """Opens ``model.name`` beginning with ``torchhub:``.

    Only the repository's code can say what the model takes and gives, so opening it fetches and runs it, as
    torch hub does. Name a tag or a commit, so that nobody changes that code behind your back.
    """

    @classmethod
    def open(cls, model: ModelSettings, *, modality: ModalityName | None, limits: LimitSettings) -> Encoder:
        """Make an encoder: of a classifier embeddings and probabilities, of another network its one output.

        Raises:
            MissingExtraError: torch is not installed.
            ModelError: the repository or its weights cannot be had.
            ConfigError: the name is malformed, or what the network gives cannot be told.
        """
        name = model.name or ""
        library("torch.hub", name, "torch")
        repository, entry = _parts(name, model.revision)
        return open_network(
            name, model, modality=modality, limits=limits, make=partial(_load, name, repository, entry)
        )


def _parts(name: str, revision: str | None) -> tuple[str, str]:
    """Repository with its tag, or a folder, and the entry."""
    repository, _, entry = name.removeprefix(_PREFIX).rpartition(":")
    if not entry.isidentifier() or "/" not in repository:
        raise ConfigError(
            f"{name!r} does not name a model of torch hub; write {_PREFIX}owner/repository:entry, "
            f"{_PREFIX}owner/repository:tag:entry, or {_PREFIX}./folder:entry"
        )
    if revision and ":" in repository:
        raise ConfigError(f"{name!r} names a tag, and model.revision is {revision!r}; keep one")
    return (f"{repository}:{revision}" if revision else repository), entry


def _load(name: str, repository: str, entry: str) -> Any:
    try:
        try:
            return _call(repository, entry, pretrained=True)
        except TypeError:  # it does not take the word, as an entry without choice does not
            return _call(repository, entry)
    except Exception as error:  # of the network, the disk, or the repository's own code
        raise ModelError(f"cannot get the model {name} from torch hub: {error}") from error


def _call(repository: str, entry: str, **options: bool) -> Any:
    import torch

    folder = Path(repository).expanduser()
    if folder.is_dir():
        return torch.hub.load(str(folder), entry, source="local", verbose=False, **options)
    # Without being told to trust, torch would ask a person who is not there. Naming it was the answer.
    return torch.hub.load(repository, entry, trust_repo=True, verbose=False, **options)
