"""Making fsspec's filesystems, and what their errors mean."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from alaas.errors import MissingExtraError

_MOST_CONNECTIONS = 128
_FINAL_STATUS = frozenset({400, 401, 403, 404, 405, 410, 412})
_FINAL_KINDS = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "ParamValidationError", "DefaultCredentialsError"}
)


def connect(protocol: str, connect_timeout: float, timeout: float) -> Any:
    """Make the filesystem for ``s3`` or ``gcs``; timeouts in seconds.

    Raises:
        MissingExtraError: its package is not installed.
    """
    # fsspec would keep one instance a thread, each with its own connections; ours serves all threads.
    options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    try:
        if protocol == "gcs":
            return import_module("gcsfs").GCSFileSystem(**options)
        filesystem = import_module("s3fs").S3FileSystem(
            config_kwargs={
                "connect_timeout": connect_timeout,
                "read_timeout": timeout,
                "max_pool_connections": _MOST_CONNECTIONS,
                "retries": {"total_max_attempts": 1},
            },
            **options,
        )
    except ImportError as error:
        raise MissingExtraError(f"reading {protocol}:// addresses", protocol) from error
    filesystem.retries = 1  # whoever asks for an item decides how often to try again
    return filesystem


@cache
def failures() -> tuple[type[Exception], ...]:
    """The roots of what the installed libraries raise; asked for only once something was raised.

    S3 raises what botocore raises and s3fs does not translate, Google's raises aiohttp's and its own.
    """
    found: list[type[Exception]] = [OSError]
    for module, name in (
        ("botocore.exceptions", "BotoCoreError"),
        ("botocore.exceptions", "ClientError"),
        ("aiohttp", "ClientError"),
        ("gcsfs.retry", "HttpError"),
        ("google.auth.exceptions", "GoogleAuthError"),
    ):
        try:
            found.append(getattr(import_module(module), name))
        except (ImportError, AttributeError):
            continue
    return tuple(found)


def describe(error: Exception) -> str:
    """What went wrong, for people."""
    if isinstance(error, FileNotFoundError):
        return "there is no such object"
    if isinstance(error, PermissionError):
        return f"the credentials do not open it ({error})"
    if isinstance(error, TimeoutError):
        return "the store did not answer in time"
    if type(error).__name__ in ("NoCredentialsError", "DefaultCredentialsError"):
        return "no credentials were found in the environment"
    return str(error) or type(error).__name__


def is_transient(error: Exception) -> bool:
    """Whether another try may help: all that is not a plain refusal."""
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError | NotADirectoryError):
        return False
    return type(error).__name__ not in _FINAL_KINDS and _status(error) not in _FINAL_STATUS


def _status(error: BaseException | None) -> int | None:
    """The HTTP status behind an error, looked for in its causes too."""
    while error is not None:
        response = getattr(error, "response", None)
        if isinstance(response, dict):
            status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            return status if isinstance(status, int) else None
        code = getattr(error, "code", None)
        if isinstance(code, int):
            return code
        error = error.__cause__
    return None
