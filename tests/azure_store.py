"""A real Azure Blob service over HTTP: Azurite from npm, and the environment that leads there."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ACCOUNT = "devstoreaccount1"
# The account of every Azurite; it is printed in its manual.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextlib.contextmanager
def azure_store(patch: pytest.MonkeyPatch, folder: Path) -> Iterator[str]:
    """Yield the connection string of a running store; skips where ``azurite-blob`` is not installed.

    ``AZURITE`` may say where it is.
    """
    program = shutil.which(os.environ.get("AZURITE", "azurite-blob"))
    if program is None:
        pytest.skip(
            "azurite-blob is not installed (npm install azurite; AZURITE=node_modules/.bin/azurite-blob)"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "--silent", "--skipApiVersionCheck", "--disableTelemetry"]
    command += ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        text = (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
        )
        patch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
        yield text
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            urlopen(f"http://127.0.0.1:{port}/").close()
        except URLError as error:
            if hasattr(error, "code"):
                return  # it answers, if only with a refusal
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Azurite did not start")
