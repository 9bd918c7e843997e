"""Getting the files of a Hugging Face hub model, or of a folder laid out as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alaas.errors import ConfigError, ModelError


def repository_of(
    name: str, prefix: str, revision: str | None, *, owner: bool = True
) -> tuple[str, str | None]:
    """``hf:owner/name@revision`` → repository and revision.

    Args:
        name: as it stands in the settings.
        prefix: what it begins with, the colon included.
        revision: of the settings.
        owner: whether the repository must have an owner; the oldest models of the hub have none.

    Raises:
        ConfigError: it is malformed, or names another revision than the settings.
    """
    repository, _, named = name.removeprefix(prefix).partition("@")
    parts = repository.split("/")
    if not all(parts) or len(parts) > 2 or (owner and len(parts) != 2):
        raise ConfigError(
            f"{name!r} does not name a hub model; write {prefix}owner/name or {prefix}owner/name@revision"
        )
    if named and revision and named != revision:
        raise ConfigError(f"{name!r} names revision {named!r}, but model.revision is {revision!r}; keep one")
    return repository, named or revision


def fetch(name: str, repository: str, revision: str | None, patterns: Sequence[str]) -> Path:
    """The folder with those files of the repository that match ``patterns``.

    Raises:
        ModelError: they cannot be had.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=list(patterns)))
    except Exception as error:  # the library's own, of its HTTP client, of the disk: all mean the same here
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"cannot get the model {name} from the Hugging Face hub: {reason}") from error
