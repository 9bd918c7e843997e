"""A process that works on the jobs of a store: ``worker.py URL LEASE WORKERS JOURNAL``; ends with its stdin.

``once`` hangs at its first attempt and gives at once at the next, ``hang`` hangs until told to stop, ``note``
takes no time. Each writes a line to the journal when it begins and when it ends.
"""

from __future__ import annotations

import os
import sys
import time

from alaas.errors import CancelledError
from alaas.jobs import DurableJobs, JobRun
from alaas.stores import open_store


def main(url: str, lease: str, workers: str, journal: str) -> None:
    def write(word: str, run: JobRun) -> None:
        line = f"{word} {run.id} {run.attempt} {os.getpid()}\n"
        file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line.encode())
        os.close(file)

    def once(request: str, run: JobRun) -> str:
        write("begun", run)
        deadline = time.monotonic() + (float(request) if run.attempt == 1 else 0)
        while time.monotonic() < deadline:
            time.sleep(0.02)
        write("ended", run)
        return str(run.attempt)

    def hang(_request: str, run: JobRun) -> str:
        write("begun", run)
        run.cancel.wait()
        write("ended", run)
        raise CancelledError("stopped")

    def note(request: str, run: JobRun) -> str:
        write("begun", run)
        return request

    handlers = {"once": once, "hang": hang, "note": note}
    with (
        open_store(url) as store,
        DurableJobs(handlers, store.jobs, workers=int(workers), lease=float(lease)),
    ):
        sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
