"""A real server in this process, and a plain HTTP client for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from alaas.config import Config
from alaas.server import Server


@contextmanager
def silent_host() -> Iterator[str]:
    """The address of a host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        held: list[socket.socket] = []
        stop = threading.Event()

        def take() -> None:
            while not stop.is_set():
                try:
                    held.append(listener.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()
            for connection in held:
                connection.close()


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    with silent_host() as address:
        yield address


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, silent: str) -> Config:
    """Small limits, so that they can be reached; one private host opened, the one that never answers."""
    return Config.model_validate(
        {
            "server": {"port": 0},
            "store": "memory:",
            "cache": {"directory": str(tmp_path_factory.mktemp("features"))},
            "strategy": "random",
            "egress": {"allow": [silent.removeprefix("http://")]},
            "limits": {"max_request_bytes": 100_000, "max_request_items": 50, "max_jobs": 2},
        }
    )


@pytest.fixture(scope="module")
def server(config: Config) -> Iterator[Server]:
    with Server(config) as running:
        yield running


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=20) as client:
        yield client


@pytest.fixture
def slow_job(http: httpx2.Client, silent: str) -> Iterator[str]:
    """The id of a job that runs until it is cancelled."""
    body = {"items": [{"uri": f"{silent}/{n}.png"} for n in range(3)], "budget": 1}
    job = http.post("/v1/select", json=body).json()
    yield job["id"]
    http.post(f"/v1/jobs/{job['id']}/cancel")
    ended(http, job["id"])


def ended(http: httpx2.Client, job_id: str) -> dict:
    """The job once its stream of events has ended."""
    http.get(f"/v1/jobs/{job_id}/events")
    return http.get(f"/v1/jobs/{job_id}").json()


def texts(count: int) -> list[dict]:
    return [{"id": f"t{n}", "text": f"text number {n}"} for n in range(count)]


def write_pixels(folder: Path, count: int) -> list[Path]:
    """``count`` small pictures, each unlike the others."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{n}.png" for n in range(count)]
    for n, path in enumerate(paths):
        Image.new("RGB", (8, 8), (10 * n, 20, 30)).save(path)
    return paths
