"""Run as a program by the tests: processes that share a cache, are killed, or run out of disk."""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from alaas.features.disk import DiskCache
from alaas.testing.features import entries, features_of, key_of, right


def every_key(directory: Path) -> list[bytes]:
    """All keys that the index knows."""
    (index,) = (directory / "v1").glob("index-*.sqlite3")
    connection = sqlite3.connect(index)
    try:
        return [key for (key,) in connection.execute("SELECT key FROM features")]
    finally:
        connection.close()


def write_for_ever(directory: Path, seed: int) -> None:
    """Put and put."""
    cache = DiskCache(directory=directory, max_bytes=400_000)
    rng = np.random.default_rng(seed)
    while True:
        cache.put(entries(rng.integers(0, 100_000, int(rng.integers(1, 60))).tolist()))


def kill(directory: Path, rounds: int) -> dict[str, object]:
    """Kill two writers again and again; after each time all that the index knows must be there and right."""
    rng = np.random.default_rng(0)
    checked = lost = 0
    for seed in range(rounds):
        children = [fork(lambda seed=seed, n=n: write_for_ever(directory, 2 * seed + n)) for n in range(2)]
        time.sleep(rng.uniform(0.02, 0.25))
        for child in children:
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)
        cache = DiskCache(directory=directory, max_bytes=400_000)
        keys = every_key(directory)
        for key, features in zip(keys, cache.get(keys), strict=True):
            checked += 1
            lost += features is None or not right(key, features)
        cache.put(entries([f"after {seed}"]))  # the first put sweeps up
        assert cache.get([key_of(f"after {seed}")]) != [None], cache.trouble
        assert cache.trouble is None, cache.trouble
        assert cache.info().bytes <= 400_000, cache.info()
        cache.close()
    return {"checked": checked, "lost": lost}


def share(directory: Path, processes: int) -> dict[str, object]:
    """Several processes put, get and clear one cache that is too small for them."""

    def work(seed: int) -> None:
        cache = DiskCache(directory=directory, max_bytes=300_000)
        rng = np.random.default_rng(seed)
        for step in range(60):
            names = rng.integers(0, 3000, 40).tolist()
            cache.put(entries(names))
            keys = [key_of(name) for name in names]
            for key, features in zip(keys, cache.get(keys), strict=True):
                assert features is None or right(key, features)
            if step == 30 and seed == 0:
                cache.clear()
            assert cache.trouble is None, cache.trouble
        cache.close()

    children = [fork(lambda seed=seed: work(seed)) for seed in range(processes)]
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    cache = DiskCache(directory=directory, max_bytes=300_000)
    keys = every_key(directory)
    lost = sum(features is None for features in cache.get(keys))
    info = cache.info()
    cache.close()
    return {"codes": codes, "lost": lost, "bytes": info.bytes, "entries": info.entries, "keys": len(keys)}


def inherit(directory: Path) -> dict[str, object]:
    """A child goes on with a cache that its parent has open, and both are right."""
    cache = DiskCache(directory=directory, max_bytes=10_000_000)
    cache.put(entries(range(10)))

    def work() -> None:
        assert all(cache.get([key_of(name) for name in range(10)]))
        for name in range(100, 150):
            cache.put(entries([name]))

    child = fork(work)
    for name in range(200, 250):
        cache.put(entries([name]))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    names = [*range(10), *range(100, 150), *range(200, 250)]
    found = cache.get([key_of(name) for name in names])
    good = sum(f is not None and right(key_of(name), f) for name, f in zip(names, found, strict=True))
    cache.close()
    return {"code": code, "right": good, "asked": len(names)}


def fill(directory: Path, limit: int) -> dict[str, object]:
    """Put until the disk is full, or a file may grow no more; then read what is there."""
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    cache = DiskCache(directory=directory, max_bytes=50_000_000)
    put = 0
    while cache.trouble is None and put < 50_000:
        cache.put([(key_of(name), features_of(key_of(name))) for name in range(put, put + 50)])
        put += 50
    keys = [key_of(name) for name in range(put)]
    found = [(key, features) for key, features in zip(keys, cache.get(keys), strict=True) if features]
    good = sum(right(key, features) for key, features in found)
    trouble, info = cache.trouble, cache.info()
    cache.close()
    return {"put": put, "found": len(found), "right": good, "trouble": trouble, "entries": info.entries}


def fork(work: Callable[[], None]) -> int:
    """Run ``work`` in a child process; its exit code tells whether it went well."""
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException as error:  # noqa: BLE001  (nothing may escape into the parent's code)
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Do what the arguments say and print what was seen."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["kill", "share", "inherit", "fill"])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--number", type=int, default=0)
    arguments = parser.parse_args()
    number = () if arguments.what == "inherit" else (arguments.number,)
    sys.stdout.write(json.dumps(globals()[arguments.what](arguments.directory, *number)))


if __name__ == "__main__":
    main()
