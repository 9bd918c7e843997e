"""A stream over HTTP: items in, decisions out."""

from __future__ import annotations

import itertools

import pytest

from rows import definition, rows

_numbers = itertools.count()


def items(count: int, start: int = 100) -> list[dict]:
    return [{"id": f"s{n}", "row": {"height": n / 7, "girth": n % 5}} for n in range(start, start + count)]


@pytest.fixture
def project(http):
    """The address of a project of 30 rows that takes half of its stream."""
    name = f"stream-{next(_numbers)}"
    made = http.post("/v1/projects", json={**definition(name), "stream": {"budget": 0.5, "burst": 2}})
    assert made.status_code == 201, made.text
    address = f"/v1/projects/{name}"
    assert http.post(f"{address}/items", json={"items": rows()}).status_code == 201
    return address


def test_items_are_decided_at_once_and_the_same_again(http, project):
    answer = http.post(f"{project}/stream", json={"items": items(40)})
    assert answer.status_code == 200, answer.text
    first = answer.json()
    assert [one["id"] for one in first["decisions"]] == [f"s{n}" for n in range(100, 140)]
    assert first["arrived"] == 40
    assert 5 <= first["taken"] == sum(one["taken"] for one in first["decisions"]) <= 22
    again = http.post(f"{project}/stream", json={"items": items(40)}).json()
    assert [one["taken"] for one in again["decisions"]] == [one["taken"] for one in first["decisions"]]
    assert (again["arrived"], again["taken"]) == (40, first["taken"])
    taken = [one["id"] for one in first["decisions"] if one["taken"]]
    page = http.get(f"{project}/items", params={"id": taken, "limit": 100}).json()
    assert {one["state"] for one in page["items"]} == {"pool"}


def test_an_item_without_an_id_is_called_by_what_it_carries(http, project):
    item = {"row": {"height": 3.0, "girth": 9.0}}
    one, two = (http.post(f"{project}/stream", json={"items": [item]}).json() for _ in range(2))
    assert one["decisions"][0]["id"] == two["decisions"][0]["id"]
    assert two["decisions"][0]["why"] in ("known", "repeated")


def test_a_stream_that_cannot_be_followed_is_refused_at_once(http, project):
    for stream, said in (
        ({"strategy": "k_center"}, "cannot judge one that comes alone"),
        ({"manager": "quantil"}, "did you mean 'quantile'"),
        ({"parameters": {"windw": 1}}, "no parameter 'windw'"),
        ({"budget": 2}, "budget"),
    ):
        answer = http.post("/v1/projects", json={**definition("never"), "stream": stream})
        assert answer.status_code in (400, 422), answer.text
        assert said in answer.text
    assert http.post(f"{project}/stream", json={"items": "all"}).status_code in (400, 422)
    assert http.post("/v1/projects/none/stream", json={"items": []}).status_code == 404
