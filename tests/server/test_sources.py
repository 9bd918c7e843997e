"""Sources that the server's operator has opened to clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from alaas.config import Config
from alaas.server import Server
from rows import definition

from .conftest import ended


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A manifest with no other columns than an id and two numbers."""
    path = tmp_path_factory.mktemp("open")
    (path / "trees.csv").write_text("id,height,girth\nx,1,2\ny,3,4\n")
    return path


@pytest.fixture(scope="module")
def http(folder, tmp_path_factory) -> Iterator[httpx2.Client]:
    settings = {
        "server": {"port": 0},
        "store": "memory:",
        "cache": {"directory": str(tmp_path_factory.mktemp("features"))},
        "egress": {"roots": [str(folder)]},
    }
    with (
        Server(Config.model_validate(settings)) as server,
        httpx2.Client(base_url=server.url, timeout=20) as client,
    ):
        yield client


def result(http, answer) -> dict:
    assert answer.status_code == 202, answer.text
    job = ended(http, answer.json()["id"])
    assert job["state"] == "succeeded", job["error"]
    return http.get(job["links"]["result"]).json()


def test_a_selection_reads_a_manifest_whose_other_columns_nobody_named(http, folder):
    body = {"source": str(folder / "trees.csv"), "modality": "table", "strategy": "random", "budget": 1}
    assert result(http, http.post("/v1/select", json=body))["stats"]["items"] == 2


def test_a_project_imports_it_by_a_job_and_again_without_harm(http, folder):
    http.post("/v1/projects", json=definition("trees"))
    address, body = "/v1/projects/trees/items", {"source": str(folder / "trees.csv")}
    assert result(http, http.post(address, json=body)) == {"added": 2, "known": 0}
    assert result(http, http.post(address, json=body)) == {"added": 0, "known": 2}
    states = http.get("/v1/projects/trees/status").json()["states"]
    assert (states["pool"], states["new"]) == (2, 0)
