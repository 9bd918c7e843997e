"""Google Cloud Storage over HTTP: gcp-storage-emulator, and the environment that leads there."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def google_store(patch: pytest.MonkeyPatch, bucket: str) -> Iterator[None]:
    """Run a store that has a bucket; skips where ``gcp-storage-emulator`` is not installed.

    ``GCS_EMULATOR`` may say where it is.
    """
    program = shutil.which(os.environ.get("GCS_EMULATOR", "gcp-storage-emulator"))
    if program is None:
        pytest.skip(
            "gcp-storage-emulator is not installed (pip install gcp-storage-emulator, GCS_EMULATOR=…)"
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [program, "start", "--host=127.0.0.1", f"--port={port}", "--in-memory"]
    process = subprocess.Popen(
        [*command, f"--default-bucket={bucket}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(port)
        patch.setenv("STORAGE_EMULATOR_HOST", f"http://127.0.0.1:{port}")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise AssertionError("the store did not start")
