"""Versions over HTTP: ``ETag``, ``If-Match`` and ``If-None-Match``.

Reference: Fielding, Nottingham, Reschke, 2022, https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Header, HTTPException

from alaas.errors import VersionError

IfMatch: TypeAlias = Annotated[
    str | None, Header(alias="If-Match", description='The version that is meant, such as `"3"`.')
]
IfNoneMatch: TypeAlias = Annotated[
    str | None, Header(alias="If-None-Match", description="The version that is known already.")
]


def etag(version: int) -> str:
    """The version as an entity tag."""
    return f'"{version}"'


def check_match(sent: str | None, version: int) -> None:
    """Refuse a change that was not made to this version.

    Raises:
        HTTPException: 428, no version was sent.
        VersionError: another version was meant.
    """
    if sent is None:
        raise HTTPException(
            428,
            "say which version is meant: GET the project and send its ETag as If-Match, so that nobody's "
            "change is lost",
        )
    if sent.strip() != "*" and etag(version) not in _tags(sent):
        raise VersionError(
            f"the project is at version {version}, the change is for {sent}; read it again and repeat it"
        )


def is_known(sent: str | None, version: int) -> bool:
    """Whether the caller has this version already."""
    return sent is not None and (sent.strip() == "*" or etag(version) in _tags(sent, weak=True))


def _tags(sent: str, *, weak: bool = False) -> list[str]:
    tags = [tag.strip() for tag in sent.split(",")]
    return [tag.removeprefix("W/") for tag in tags] if weak else tags
