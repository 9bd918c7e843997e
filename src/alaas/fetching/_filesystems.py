"""Making fsspec's filesystems, and what their errors mean."""

from __future__ import annotations

import math
import os
import threading
from functools import cache
from importlib import import_module
from typing import Any

from alaas.errors import FetchError, MissingExtraError

PROTOCOLS = {"s3": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "abfs": "azure", "abfss": "azure"}
"""Which store each scheme names; a store is called as the extra that brings its package."""

_MOST_CONNECTIONS = 128
_FINAL_STATUS = frozenset({400, 401, 403, 404, 405, 410, 412})
_NO_CREDENTIALS = frozenset({"NoCredentialsError", "DefaultCredentialsError", "ClientAuthenticationError"})
_FINAL_KINDS = _NO_CREDENTIALS | {"PartialCredentialsError", "ParamValidationError"}


class Filesystems:
    """The filesystems of one user of object stores: one a store for all threads; timeouts in seconds.

    A forked process gets its own, for the loop behind the parent's does not run in it.
    """

    def __init__(self, connect_timeout: float, timeout: float) -> None:
        self._connect_timeout = connect_timeout
        self._timeout = timeout
        self._lock = threading.Lock()
        self._found: dict[tuple[int, str], Any] = {}

    def of(self, scheme: str) -> Any:
        """The filesystem of an address with this scheme.

        Raises:
            MissingExtraError: its package is not installed.
            FetchError: the environment does not say which account to use.
        """
        key = (os.getpid(), PROTOCOLS[scheme])
        found = self._found.get(key)
        if found is None:
            with self._lock:
                if key not in self._found:
                    self._found[key] = connect(key[1], self._connect_timeout, self._timeout)
                found = self._found[key]
        return found


def connect(protocol: str, connect_timeout: float, timeout: float) -> Any:
    """Make the filesystem for ``s3``, ``gcs`` or ``azure``; timeouts in seconds.

    Raises:
        MissingExtraError: its package is not installed.
        FetchError: the environment does not say which account to use.
    """
    # fsspec would keep one instance a thread, each with its own connections; ours serves all threads.
    options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
    try:
        if protocol == "gcs":
            return import_module("gcsfs").GCSFileSystem(**options)
        if protocol == "azure":
            return _connect_azure(options, connect_timeout, timeout)
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
        scheme = {"gcs": "gs", "azure": "az"}.get(protocol, protocol)
        raise MissingExtraError(f"the store of {scheme}:// addresses", protocol) from error
    filesystem.retries = 1  # whoever asks for an item decides how often to try again
    return filesystem


def _connect_azure(options: dict[str, Any], connect_timeout: float, timeout: float) -> Any:
    module = import_module("adlfs")
    options |= {"connection_timeout": math.ceil(connect_timeout), "read_timeout": math.ceil(timeout)}
    try:
        return module.AzureBlobFileSystem(**options)
    except ValueError as error:
        raise FetchError(
            "no Azure account was found in the environment; set AZURE_STORAGE_CONNECTION_STRING, or "
            "AZURE_STORAGE_ACCOUNT_NAME and, unless the machine has an identity, AZURE_STORAGE_ACCOUNT_KEY"
        ) from error


@cache
def failures() -> tuple[type[Exception], ...]:
    """The roots of what the installed libraries raise; asked for only once something was raised.

    S3 raises what botocore raises and s3fs does not translate, Google's raises aiohttp's and its own, and
    Azure's its own.
    """
    found: list[type[Exception]] = [OSError]
    for module, name in (
        ("botocore.exceptions", "BotoCoreError"),
        ("botocore.exceptions", "ClientError"),
        ("aiohttp", "ClientError"),
        ("gcsfs.retry", "HttpError"),
        ("google.auth.exceptions", "GoogleAuthError"),
        ("azure.core.exceptions", "AzureError"),
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
    if type(error).__name__ in _NO_CREDENTIALS:
        return "no credentials were found in the environment"
    return str(error).partition("\n")[0] or type(error).__name__  # Azure goes on with the whole answer


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
        code = getattr(error, "status_code", None) or getattr(error, "code", None)
        if isinstance(code, int):
            return code
        error = error.__cause__
    return None
