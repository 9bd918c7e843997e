"""The interface's description is valid, complete and true; and every route is documented for people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from alaas.protocol import SelectRequest
from alaas.server.routes import BODIES
from alaas.server.routes.original import OriginalRequest

PAGES = [Path(__file__).parents[2] / "docs" / name for name in ("server.md", "projects.md", "operating.md")]


@pytest.fixture(scope="module")
def described(http):
    return http.get("/openapi.json").json()


def operations(described):
    return [
        (path, method, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def method_of(command: str) -> str:
    found = re.search(r"-X (\w+)", command)
    return found[1].lower() if found else "get"


def test_it_is_valid(described):
    validate(described)


def test_every_operation_says_what_it_does_and_how_it_fails(described):
    for path, method, operation in operations(described):
        assert operation["summary"], (path, method)
        failure = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        assert failure == {"$ref": "#/components/schemas/Problem"}


KNOWN = {model.__name__: model for model in (SelectRequest, OriginalRequest, *BODIES)}


def test_bodies_have_examples_that_are_right(described):
    seen = set()
    for path, method, operation in operations(described):
        if "requestBody" not in operation:
            continue
        content = operation["requestBody"]["content"]["application/json"]
        name = content["schema"]["$ref"].removeprefix("#/components/schemas/")
        seen.add(name)
        assert content["examples"], (path, method)
        for example in content["examples"].values():
            KNOWN[name].model_validate(example["value"])
    assert seen == set(KNOWN)


def test_every_route_has_a_curl_example_in_the_documentation(described):
    page = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    commands = re.findall(r"^curl .*$", page, re.MULTILINE)
    for path, method, _ in operations(described):
        pattern = re.compile(
            r"http://127\.0\.0\.1:8081" + re.sub(r"\\{\w+\\}", r"\\S+?", re.escape(path)) + r"(?=['\"\s?]|$)"
        )
        matching = [command for command in commands if pattern.search(command)]
        wanted = [command for command in matching if method_of(command) == method]
        assert wanted, (
            f"none of docs/server.md, projects.md, operating.md has an example for {method.upper()} {path}"
        )
