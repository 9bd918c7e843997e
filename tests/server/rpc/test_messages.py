"""Messages and bodies say the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alaas.errors import UsageError
from alaas.protocol import (
    AnswerBody,
    ItemsRequest,
    LogBody,
    NewItemBody,
    ProjectDefinition,
    ProjectItemBody,
    SelectRequest,
    StatusBody,
)
from alaas.server.rpc.messages import body_of, message_of
from alaas.v1 import alaas_pb2 as pb


def test_an_item_comes_over_as_it_is():
    row = {
        "height": pb.Cell(number=2.0),
        "count": pb.Cell(integer=3),
        "wet": pb.Cell(truth=False),
        "none": pb.Cell(),
    }
    message = pb.NewItemBody(id="a", row=row, cost=2.5, label=pb.Label(many=pb.Names(names=["x", "y"])))
    message.metadata.update({"page": 3, "share": 0.5, "tags": ["a", 1.0]})
    body = body_of(NewItemBody, message)
    assert body.row == {"height": 2.0, "count": 3, "wet": False, "none": None}
    assert [type(body.row[name]) for name in ("height", "count", "wet")] == [float, int, bool]
    assert (body.cost, body.label) == (2.5, ["x", "y"])
    assert body.metadata == {"page": 3, "share": 0.5, "tags": ["a", 1]}
    assert type(body.metadata["page"]) is int


def test_bytes_are_not_taken_for_base64():
    body = body_of(NewItemBody, pb.NewItemBody(id="a", blob=b"\x89PNG\0"))
    assert body.blob == b"\x89PNG\0"


def test_what_is_not_set_is_left_to_the_defaults():
    assert body_of(SelectRequest, pb.SelectRequest()) == SelectRequest()
    assert body_of(SelectRequest, pb.SelectRequest(cache=False, seed=0)) == SelectRequest(cache=False, seed=0)


def test_a_source_is_one_address_or_a_list_of_items():
    one = pb.SelectRequest(source=pb.SourceBody(uri="photos/", recursive=False))
    many = pb.SelectRequest(source=pb.SourceBody(uris=pb.Names(names=["a.png"])))
    assert body_of(SelectRequest, one).source.uri == "photos/"
    assert body_of(SelectRequest, one).source.recursive is False
    assert body_of(SelectRequest, many).source.uri == ["a.png"]


def test_an_empty_reason_is_a_reason_and_no_classes_are_a_label():
    assert body_of(AnswerBody, pb.AnswerBody(item="a", skip="")).skip == ""
    none = pb.AnswerBody(item="a", label=pb.Label(many=pb.Names()))
    assert body_of(AnswerBody, none).label == []


def test_what_a_path_names_is_no_part_of_the_body():
    message = pb.ItemsRequest(project="p", items=[pb.NewItemBody(text="x")])
    assert body_of(ItemsRequest, message, "project").items[0].text == "x"


@pytest.mark.parametrize(
    ("message", "model", "words"),
    [
        (pb.AnswerBody(item="a"), AnswerBody, "exactly one of label, skip"),
        (pb.SelectRequest(budget=0), SelectRequest, "budget: input should be greater"),
        (pb.ProjectDefinition(name="a b"), ProjectDefinition, "name: string should match"),
        (
            pb.ItemsRequest(project="p", items=[pb.NewItemBody(text="x")]),
            ItemsRequest,
            "project: unknown key",
        ),
    ],
)
def test_what_is_wrong_is_told_as_over_http(message, model, words):
    with pytest.raises(UsageError, match=words):
        body_of(model, message)


def test_replies_keep_what_is_null_apart_from_what_is_zero():
    status = {
        "name": "p", "labels": 0, "budget": None, "remaining": 0, "pool": 3, "held": 0, "items": 3,
        "states": {"pool": 3}, "validation": 0, "batches": 0, "cost": 0.0, "balance": {}, "agreement": None,
        "behind": 0, "round": None,
    }  # fmt: skip
    message = message_of(pb.StatusBody, StatusBody.model_validate(status))
    assert not message.HasField("budget")
    assert message.HasField("remaining")
    assert not message.HasField("round")
    assert dict(message.states) == {"pool": 3}


def test_labels_rows_times_and_any_json_come_back():
    at = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)
    log = LogBody(sequence=1, at=at, actor="me", verb="v", subject="s", detail=[1, {"a": None}])
    message = message_of(pb.LogBody, log)
    assert message.at.ToDatetime(UTC) == at
    assert next(iter(message.detail.list_value)) == 1
    row = {"n": 1, "f": 1.5, "b": True, "t": "x", "none": None, "huge": 2**70}
    item = ProjectItemBody(number=0, id="a", state="pool", role="pool", row=row, label=["x"])
    found = message_of(pb.ProjectItemBody, item)
    assert {name: cell.WhichOneof("value") for name, cell in found.row.items()} == {
        "n": "integer", "f": "number", "b": "truth", "t": "text", "none": None,
        "huge": "number",
    }  # fmt: skip
    assert list(found.label.many.names) == ["x"]
