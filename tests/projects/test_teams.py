"""Several annotators: second opinions, agreement, conflicts and how they are settled."""

from __future__ import annotations

import pytest

from alaas.errors import NothingLeftError
from trees import Clock, Open

PAIRS = {"annotators": 2}


def test_every_item_goes_to_as_many_annotators_as_are_wanted(open_project: Open, truth) -> None:
    project = open_project(labelling=PAIRS)
    first = project.ask(3, annotator="ann")
    project.tell(first.id, {item: truth[item] for item in first.ids}, annotator="ann")
    assert project.status().labels == 0
    assert project.status().states["partial"] == 3
    second = project.ask(3, annotator="ben")
    assert {*second.ids} == {*first.ids}
    assert {item.reason for item in second.items} == {"second opinion"}
    project.tell(second.id, {item: truth[item] for item in second.ids}, annotator="ben")
    status = project.status()
    assert status.labels == 3
    assert status.agreement == pytest.approx(1.0)


def test_nobody_gives_a_second_opinion_on_their_own(open_project: Open, truth) -> None:
    project = open_project(labelling=PAIRS)
    batch = project.ask(90, annotator="ann")
    project.tell(batch.id, {item: truth[item] for item in batch.ids}, annotator="ann")
    with pytest.raises(NothingLeftError):
        project.ask(1, annotator="ann")


def test_a_third_is_not_handed_what_two_hold(open_project: Open) -> None:
    project = open_project(labelling=PAIRS)
    for name in ("ann", "ben"):
        project.ask(90, annotator=name)
    with pytest.raises(NothingLeftError):
        project.ask(1, annotator="cat")


def test_a_conflict_is_kept_shown_and_settled(open_project: Open) -> None:
    project = open_project(labelling=PAIRS)
    batch = project.ask(1, annotator="ann", pin=["t0"])
    project.tell(batch.id, {"t0": "ash"}, annotator="ann")
    other = project.ask(1, annotator="ben")
    project.tell(other.id, {"t0": "beech"}, annotator="ben")
    [conflict] = project.conflicts()
    assert conflict.id == "t0"
    assert conflict.answers == {"ann": "ash", "ben": "beech"}
    assert project.status().labels == 0
    told = project.tell(None, {"t0": "beech"}, annotator="judge", final=True)
    assert told.labels == 1
    assert project.conflicts() == []
    assert project.status().balance == {"beech": 1}


def test_a_majority_decides_where_it_may(open_project: Open) -> None:
    project = open_project(labelling={"annotators": 3, "decide": "majority"})
    for name, label in (("ann", "ash"), ("ben", "beech"), ("cat", "beech")):
        batch = project.ask(1, annotator=name, pin=["t0"])
        project.tell(batch.id, {"t0": label}, annotator=name)
    assert project.status().balance == {"beech": 1}


def test_who_leaves_strands_nothing(open_project: Open, clock: Clock) -> None:
    project = open_project(labelling={"lease": 600})
    gone = project.ask(90, annotator="ann")
    clock.time += 300
    project.extend(gone.id, 600)
    clock.time += 599
    with pytest.raises(NothingLeftError):
        project.ask(1, annotator="ben")
    clock.time += 2
    assert len(project.ask(90, annotator="ben").items) == 90
    assert {item.state for item in project.batch(gone.id).items} == {"expired"}


def test_an_annotator_may_change_their_mind(open_project: Open) -> None:
    project = open_project()
    batch = project.ask(1, pin=["t0"])
    project.tell(batch.id, {"t0": "ash"})
    told = project.tell(batch.id, {"t0": "beech"})
    assert told.receipts[0].outcome == "revised"
    assert project.status().balance == {"beech": 1}
    history = project.store.answers(project.name)
    assert [answer.value for answer in history] == ["ash", "beech"]


def test_the_log_says_who_did_what(open_project: Open) -> None:
    project = open_project()
    batch = project.ask(1, annotator="ann", pin=["t0"])
    project.tell(batch.id, {"t0": "ash"}, annotator="ann")
    said = [(entry.verb, entry.actor) for entry in project.store.log(project.name)]
    assert ("batch.hand-out", "ann") in said
    assert ("answers.tell", "ann") in said
    assert said[0] == ("project.create", "me")
