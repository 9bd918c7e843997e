"""Requests made up from the interface's own description: no answer breaks it, and none breaks the server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import (
    CHECKS,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from alaas import Client
from alaas.config import Config
from alaas.server import Server
from alaas.server.routes import ROUTERS

PROJECT, SPARE = "trees", "spare"
EXPECTED = {501, 503, 507}
"""Statuses from 500 on that a request may meet though nothing is broken: something is missing or away."""

assert CHECKS  # loads the registry, without which the checks know no options


def no_broken_server(context, response, case):
    """A server error is one that the documentation names, or none at all."""
    assert response.status_code < 500 or response.status_code in EXPECTED, response.text


OURS = [
    no_broken_server,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


def definition(name: str) -> dict:
    return {
        "name": name,
        "modality": "table",
        "model": "passthrough",
        "strategy": "margin",
        "task": {"classes": ["ash", "beech"]},
    }


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Nothing outside of this machine may be looked at, and the queue is never full."""
    return Config.model_validate(
        {
            "server": {"port": 0},
            "store": f"sqlite:///{tmp_path_factory.mktemp('store')}/alaas.db",
            "cache": {"directory": str(tmp_path_factory.mktemp("features"))},
            "strategy": "random",
            "limits": {"max_jobs": 5000, "requests_per_second": 100_000, "request_burst": 100_000},
        }
    )


@pytest.fixture(scope="module")
def known(server: Server) -> dict[str, str]:
    """A project with a batch, labels, a round and jobs, and what its addresses are made of."""
    with Client(server.url) as client:
        for name in (PROJECT, SPARE):
            client.create_project(definition(name))
        project = client.project(PROJECT)
        project.add(items=[{"id": f"t{n}", "row": {"height": n, "girth": n % 2}} for n in range(30)])
        batch = project.ask(6, annotator="ada")
        project.tell(batch.id, {item: ("ash", "beech")[n % 2] for n, item in enumerate(batch.ids)})
        project.retrain()
        return {"project": PROJECT, "batch": batch.id, "job": batch.id, "round": "latest"}


@pytest.fixture(scope="module")
def described(server: Server, known: dict[str, str]) -> Iterator[schemathesis.BaseSchema]:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")

    @schema.hook("map_path_parameters")
    def name_what_is_there(context, parameters):
        """Half of the addresses lead somewhere: made-up names alone would all end in 404."""
        for name, value in (parameters or {}).items():
            if name in known and len(str(value)) % 2:
                parameters[name] = known[name]
        return parameters

    @schema.hook("map_body")
    def speak_of_what_is_there(context, body):
        """Half of the answers and wishes are about items and batches of the project."""
        if isinstance(body, dict) and len(str(body)) % 2:
            if isinstance(body.get("batch"), str):
                body["batch"] = known["batch"]
            for place, answer in enumerate(body.get("answers") or ()):
                if isinstance(answer, dict) and isinstance(answer.get("item"), str):
                    answer["item"] = f"t{place}"
            for name in ("pin", "exclude"):
                if isinstance(body.get(name), list):
                    body[name] = [f"t{place}" for place, _ in enumerate(body[name])]
        return body

    return schema


ENDLESS = {"/v1/projects/{project}/events"}
"""Streams that go on as long as the project does."""

OPERATIONS = sorted(
    f"{method} {route.path}"
    for router in ROUTERS
    for route in router.routes
    if route.include_in_schema and route.path not in ENDLESS
    for method in route.methods
)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [*schemathesis.GenerationMode], ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_are_as_described(
    described: schemathesis.BaseSchema, operation: str, mode: schemathesis.GenerationMode
) -> None:
    method, path = operation.split(" ")

    @given(case=described[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=8,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    def try_one(case: schemathesis.Case) -> None:
        if method in ("DELETE", "PATCH") and case.path_parameters.get("project") == PROJECT:
            case.path_parameters["project"] = SPARE  # the others are tried on what stays
        # Only a body says what type it has; in a query a number is a text like any other.
        checks = [*OURS, negative_data_rejection] if method in ("POST", "PATCH") else OURS
        case.validate_response(case.call(timeout=30), checks=checks)

    try:
        try_one()
    except Unsatisfiable:
        assert mode is schemathesis.GenerationMode.NEGATIVE  # it takes nothing that could be wrong
