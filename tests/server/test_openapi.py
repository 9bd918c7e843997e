"""The interface's description is valid, complete and true; and every route is documented for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from alaas.protocol import SelectRequest
from alaas.server.routes.original import OriginalRequest

PAGE = Path(__file__).parents[2] / "docs" / "server.md"


@pytest.fixture(scope="module")
def described(http):
    return http.get("/openapi.json").json()


def operations(described):
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_it_is_valid(described):
    validate(described)


def test_every_operation_says_what_it_does_and_how_it_fails(described):
    for path, method, operation in operations(described):
        assert operation["summary"], (path, method)
        failure = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        assert failure == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize(("path", "model"), [("/v1/select", SelectRequest), ("/post", OriginalRequest)])
def test_bodies_have_examples_that_are_right(described, path, model):
    content = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": f"#/components/schemas/{model.__name__}"}
    assert content["examples"]
    for example in content["examples"].values():
        model.model_validate(example["value"])


def test_every_route_has_a_curl_example_in_the_documentation(described):
    page = PAGE.read_text(encoding="utf-8")
    commands = re.findall(r"^curl .*$", page, re.MULTILINE)
    for path, method, _ in operations(described):
        pattern = re.compile(
            r"http://127\.0\.0\.1:8081" + re.sub(r"\\{\w+\\}", r"\\S+?", re.escape(path)) + r"(?=['\"\s?]|$)"
        )
        matching = [command for command in commands if pattern.search(command)]
        wanted = [command for command in matching if ("-X POST" in command) == (method == "post")]
        assert wanted, f"docs/server.md has no curl example for {method.upper()} {path}"
