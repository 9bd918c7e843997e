"""Requests of every shape that the description allows, and many others: none breaks the server."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)

from alaas import Client, Server
from alaas.config import Config
from rows import definition, labels, rows

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def api(tmp_path_factory) -> Iterator[schemathesis.BaseSchema]:
    """The description of a server that has a project with labels."""
    settings = {
        "server": {"port": 0},
        "store": "memory:",
        "strategy": "random",
        "cache": {"directory": str(tmp_path_factory.mktemp("features"))},
        "limits": {"max_jobs": 10_000, "requests_per_second": 100_000, "request_burst": 100_000},
    }
    with Server(Config.model_validate(settings)) as server, Client(server.url) as client:
        client.create_project(definition("p"))
        project = client.project("p")
        project.add(items=rows())
        batch = project.ask(6)
        project.tell(batch.id, labels(batch.ids))
        project.retrain()
        yield schemathesis.openapi.from_url(f"{server.url}/openapi.json").include(path_regex="/v1/projects")


def test_no_request_breaks_the_server(api):
    tried = 0
    for found in api.get_all_operations():
        operation = found.ok()
        if operation.path.endswith("/events"):
            continue  # does not end

        @hypothesis.given(case=operation.as_strategy())
        @hypothesis.settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        def check(case):
            case.call_and_validate(
                checks=[not_a_server_error, response_schema_conformance, content_type_conformance]
            )

        check()
        tried += 1
    assert tried > 20
