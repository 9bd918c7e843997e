"""Each measured thing runs in a process of its own and is asked one question a line.

So that a row's memory is its own, and so that rows may live in different Python environments.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeAlias

Message: TypeAlias = dict[str, Any]
ROOT = Path(__file__).resolve().parents[1]
_ANSWER = "answer "
_FAREWELL = 20.0


class WorkerError(RuntimeError):
    """A measured process ended before it answered; the message holds the end of what it wrote to stderr."""


def serve(answer: Callable[[Message], Message]) -> None:
    """Answer the questions on stdin until it ends; the worker's side."""
    for line in sys.stdin:
        print(_ANSWER + json.dumps(answer(json.loads(line))), flush=True)


def module(name: str, *arguments: str) -> list[str]:
    """The command of a worker in this environment."""
    return [sys.executable, "-m", name, *arguments]


class Worker:
    """A process that answers questions; a context manager that ends it.

    Args:
        command: the program and its arguments; it runs in the repository's root.
        environment: variables added to this process's own.
        ready: a line that it prints once it is up; None if it is ready at once.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        ready: str | None = None,
    ) -> None:
        self._errors = tempfile.TemporaryFile(mode="w+", encoding="utf-8")  # noqa: SIM115  (closed in __exit__)
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self._process.pid
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        # Read all the time: a server that talks much must not stop at a full pipe.
        threading.Thread(target=self._listen, name="worker-output", daemon=True).start()
        self.greeting = "" if ready is None else self._read(ready)

    def ask(self, question: Message) -> Message:
        """Ask, and wait for the answer.

        Raises:
            WorkerError: it ended instead.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise self._ended() from error
        answer: Message = json.loads(self._read(_ANSWER))
        return answer

    def _read(self, prefix: str) -> str:
        """The rest of the first line that starts with ``prefix``; other output is the program's own talk."""
        while (line := self._lines.get()) is not None:
            if line.startswith(prefix):
                return line.removeprefix(prefix).strip()
        raise self._ended()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line)
        self._lines.put(None)

    def _ended(self) -> WorkerError:
        code = self._process.wait()
        self._errors.seek(0)
        last = self._errors.read()[-2000:].strip()
        return WorkerError(f"{' '.join(map(str, self._process.args[:4]))} ended with code {code}:\n{last}")  # type: ignore[index]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it: politely by closing its input and SIGTERM, then by force."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it is gone already
            self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
