"""What receivers are told of is what the store wrote down, and what the documentation says."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from alaas.stores import Finding, NewAnswer, NewBatch, NewItem, NewRound, Rule, Store
from alaas.types import Item
from alaas.webhooks import KINDS, BatchCreated, JobFinished, LabelsTold, ProjectCreated, ProjectFinished
from alaas.webhooks import _log as room
from alaas.webhooks._events import document

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"


def told(store: Store) -> list:
    events = [room.event_of(entry, store) for entry in store.log()]
    return [event for event in events if event is not None]


def label(store: Store) -> None:
    """A project with a batch that two annotators have answered."""
    store.create_project("flowers", "{}", actor="ann")
    store.add_items("flowers", [NewItem(item=Item(id=name, text=name)) for name in "ab"], actor="ann")
    store.settle("flowers", [Finding(number=number, digest=bytes([number]) * 32) for number in range(2)])
    batch = NewBatch(
        id="b1",
        annotator="ben",
        numbers=(0, 1),
        scores=(None, None),
        lease=60,
        provenance="{}",
        candidates=b"",
    )
    store.hand_out("flowers", batch, rule=Rule(), budget=None)
    answers = [NewAnswer(item=name, annotator="ben", value="rose", batch="b1") for name in "ab"]
    store.tell("flowers", answers, rule=Rule())
    store.tell("flowers", [NewAnswer(item="a", annotator="ben", value="lily")], rule=Rule())


def test_changes_of_a_project_become_events(store):
    label(store)
    assert told(store) == [
        ProjectCreated(project="flowers", actor="ann"),
        BatchCreated(project="flowers", batch="b1", annotator="ben", items=2),
        LabelsTold(project="flowers", annotators=("ben",), kept=2, revised=0),
        LabelsTold(project="flowers", annotators=("ben",), kept=0, revised=1),
    ]


def test_a_round_of_a_project_that_is_gone_is_told_without_its_summary(store):
    store.create_project("flowers", "{}", actor="ann")
    new = NewRound(through=1, labels=2, summary='{"metrics": null}', model=None)
    store.add_round("flowers", new, actor="ann")
    store.delete_project("flowers", actor="ann")
    last = told(store)[-1]
    assert (last.round, last.labels, last.fitted, last.summary) == (1, 2, False, {})


@pytest.mark.parametrize(
    "event",
    [
        ProjectFinished(project="flowers", reason="budget", labels=3),
        JobFinished(project="flowers", job="j", work="ask", state="failed", failure="store"),
        JobFinished(project=None, job="j", work="select", state="succeeded", failure=None),
    ],
)
def test_what_is_written_down_comes_back_as_it_was(store, event):
    room.write_event(store, event)
    assert told(store) == [event]


def test_the_sequence_before_a_moment_is_found_without_reading_everything(store, monkeypatch):
    asked = []
    log = type(store).log
    for number in range(300):
        store.note(project=None, actor="me", verb="test", subject=str(number))
    moments = [entry.at for entry in store.log()]
    monkeypatch.setattr(type(store), "log", lambda *a, **k: asked.append(k) or log(*a, **k))
    for moment in (0.0, moments[0], moments[150], moments[-1], moments[-1] + 1):
        asked.clear()
        found = room.before(store, moment)
        assert found == sum(at < moment for at in moments)
        assert len(asked) <= 25


def test_a_gap_in_the_sequence_is_waited_for_until_it_is_old(store, monkeypatch):
    for number in range(4):
        store.note(project=None, actor="me", verb="test", subject=str(number))
    entries = store.log()
    seen = [entries[0], entries[2], entries[3]]  # what commits late is missing yet
    monkeypatch.setattr(
        type(store),
        "log",
        lambda _self, after=0, limit=1: [entry for entry in seen if entry.sequence > after],
    )
    assert [entry.sequence for entry in room.settled(store, 0)] == [1]
    seen.insert(1, entries[1])
    assert [entry.sequence for entry in room.settled(store, 0)] == [1, 2, 3, 4]
    del seen[1]
    monkeypatch.setattr(room, "SETTLING", -1.0)  # it was rolled back and never comes
    assert [entry.sequence for entry in room.settled(store, 0)] == [1, 3, 4]


def test_the_document_names_the_kind_the_time_and_the_fields():
    event = ProjectFinished(project="été", reason="budget", labels=3)
    assert json.loads(document(event, 1_700_000_000.5)) == {
        "type": "project.finished",
        "timestamp": "2023-11-14T22:13:20.500Z",
        "data": {"project": "été", "reason": "budget", "labels": 3},
    }


def test_every_event_and_every_field_is_documented():
    rows = re.findall(r"^\| `(\w+\.\w+)` \|[^|]+\| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert {kind for kind, _ in rows} == set(KINDS)
    for kind, described in rows:
        named = set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", described)))
        assert named == {field.name for field in fields(KINDS[kind])}, kind
