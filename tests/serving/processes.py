"""Serving engines as processes of environments of their own; `make test-serving` names their Pythons."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def python_of(variable: str) -> str:
    """The Python that the variable names; skips where there is none."""
    python = os.environ.get(variable)
    if not python:
        pytest.skip(f"{variable} names no Python; run `make test-serving`")
    return python


@contextlib.contextmanager
def running(
    command: Sequence[str], address: str, log: Path, *, cwd: Path = HERE, **environment: str
) -> Iterator[None]:
    """The process and all that it started, until ``address`` answers and then until the end of the block."""
    with log.open("wb") as file:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={**os.environ, "PYTHONWARNINGS": "", **environment},
            start_new_session=True,
        )
    try:
        await_answer(process, address, log)
        yield
    finally:
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def await_answer(process: subprocess.Popen, address: str, log: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with (
            contextlib.suppress(OSError, urllib.error.URLError),
            urllib.request.urlopen(address, timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"{address} does not answer:\n{log.read_text(errors='replace')[-3000:]}")
