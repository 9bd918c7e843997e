"""The suite of stores: projects, rounds, the log and the clock."""

from __future__ import annotations

import json

import pytest

from alaas.errors import (
    BatchNotFoundError,
    ProjectConflictError,
    ProjectNotFoundError,
    RoundNotFoundError,
    VersionError,
)
from alaas.stores import Finding, NewRound, Rule, Store
from alaas.testing._store_scenes import PROJECT, Clock, StoreScene, fill, hand, new_items, say


def new_round(through: int, *, model: bytes | None = b"\x00\xffmodel") -> NewRound:
    """A round after the answer ``through``."""
    return NewRound(through=through, labels=through, summary=f'{{"through": {through}}}', model=model)


class ProjectTests(StoreScene):
    """Projects, rounds, the log and the clock."""

    def test_a_project_comes_back_as_it_went_in(self, bare: Store, clock: Clock) -> None:
        """Version 1, the definition to the letter, the time by the clock."""
        made = bare.create_project("späte Blüten/β", '{"name": "späte Blüten/β"}', actor="me")
        assert (made.name, made.definition) == ("späte Blüten/β", '{"name": "späte Blüten/β"}')
        assert (made.version, made.created, made.changed) == (1, clock.time, clock.time)
        assert bare.project("späte Blüten/β") == made

    def test_a_name_is_taken_once(self, store: Store) -> None:
        """The second is refused and the first stays."""
        with pytest.raises(ProjectConflictError, match=PROJECT):
            store.create_project(PROJECT, '{"other": 1}', actor="me")
        assert store.project(PROJECT).definition == "{}"
        assert len(store.log(PROJECT)) == 3

    def test_the_log_keeps_the_key_that_a_project_was_made_with(self, bare: Store) -> None:
        """By that a repetition knows its own project; without a key nothing is said of one."""
        bare.create_project("first", "{}", actor="me", key="ä1")
        bare.create_project("second", "{}", actor="me")
        details = [json.loads(entry.detail) for entry in bare.log() if entry.verb == "project.create"]
        assert details == [{"version": 1, "key": "ä1"}, {"version": 1}]

    def test_projects_are_listed_by_code_point_page_by_page(self, bare: Store) -> None:
        """Capital letters before small ones, accents at the end, whatever the database's collation."""
        names = ["b", "é", "B", "a-b", "a_b", "aB", "Z", "ab"]
        for name in names:
            bare.create_project(name, "{}", actor="me")
        assert [row.name for row in bare.projects()] == sorted(names)
        assert [row.name for row in bare.projects(limit=3)] == sorted(names)[:3]
        assert [row.name for row in bare.projects(after=sorted(names)[2], limit=3)] == sorted(names)[3:6]
        assert bare.projects(after="é") == []

    def test_a_change_replaces_the_definition(self, store: Store, clock: Clock) -> None:
        """The version goes up and the time of the change is kept; the beginning stays."""
        before = store.project(PROJECT)
        clock.forward(5)
        changed = store.change_project(PROJECT, '{"seed": 2}', version=1, actor="me")
        assert (changed.definition, changed.version) == ('{"seed": 2}', 2)
        assert (changed.created, changed.changed) == (before.created, before.created + 5)
        assert store.project(PROJECT) == changed

    def test_a_change_of_what_has_changed_is_refused(self, store: Store) -> None:
        """Who read version 1 cannot overwrite version 2."""
        store.change_project(PROJECT, '{"seed": 2}', version=1, actor="me")
        for version in (1, 3):
            with pytest.raises(VersionError, match=PROJECT):
                store.change_project(PROJECT, '{"seed": 3}', version=version, actor="you")
        assert store.project(PROJECT).definition == '{"seed": 2}'

    def test_deleting_a_project_deletes_all_it_holds(self, store: Store) -> None:
        """A new one of the same name begins empty, and only the log remembers the old."""
        hand(store, "b1", [1, 2])
        say(store, "i1", batch="b1")
        store.add_round(PROJECT, new_round(1), actor="me")
        fill(store, 3, project="other")
        store.delete_project(PROJECT, actor="me")
        with pytest.raises(ProjectNotFoundError):
            store.project(PROJECT)
        verbs = [entry.verb for entry in store.log(PROJECT)]
        assert (verbs[0], verbs[-1]) == ("project.create", "project.delete")
        assert store.create_project(PROJECT, "{}", actor="me").version == 1
        counts = store.counts(PROJECT)
        assert (counts.items, counts.batches, counts.sequence) == (0, 0, 0)
        assert (store.items(PROJECT), store.answers(PROJECT), store.rounds(PROJECT)) == ([], [], [])
        assert store.batches(PROJECT) == []
        store.add_items(PROJECT, new_items("i1"), actor="me")
        assert store.items(PROJECT)[0].number == 0
        assert store.counts("other").items == 3

    def test_every_verb_says_that_a_project_is_not_there(self, store: Store) -> None:
        """By its name; and nothing is written anywhere."""
        before = store.log()
        calls = (
            lambda: store.project("no-such"),
            lambda: store.change_project("no-such", "{}", version=1, actor="me"),
            lambda: store.delete_project("no-such", actor="me"),
            lambda: store.add_items("no-such", new_items("a"), actor="me"),
            lambda: store.add_items("no-such", [], actor="me"),
            lambda: store.items("no-such"),
            lambda: store.settle("no-such", [Finding(number=0, digest=bytes(32))]),
            lambda: store.settle("no-such", []),
            lambda: store.snapshot("no-such", "ann", rule=Rule()),
            lambda: store.batch("no-such", "b"),
            lambda: store.candidates("no-such", "b"),
            lambda: store.batches("no-such"),
            lambda: store.extend("no-such", "b", 60, rule=Rule(), budget=None, actor="me"),
            lambda: store.release("no-such", "b", actor="me"),
            lambda: store.tell("no-such", [], rule=Rule()),
            lambda: store.answers("no-such"),
            lambda: store.decided("no-such"),
            lambda: store.counts("no-such"),
            lambda: store.add_round("no-such", new_round(0), actor="me"),
            lambda: store.rounds("no-such"),
            lambda: store.last_round("no-such"),
            lambda: store.model("no-such", 1),
        )
        for call in calls:
            with pytest.raises(ProjectNotFoundError, match="no-such"):
                call()
        assert store.log() == before

    def test_projects_do_not_see_each_other(self, store: Store) -> None:
        """The same ids in two projects are two things."""
        fill(store, 4, project="other")
        hand(store, "b1", [1])
        say(store, "i1", batch="b1")
        assert store.counts("other").states["pool"] == 4
        assert store.counts("other").sequence == 0
        assert store.items("other", ids=["i9"]) == []
        with pytest.raises(BatchNotFoundError):
            store.batch("other", "b1")

    def test_rounds_count_up_from_one(self, store: Store, clock: Clock) -> None:
        """Each comes back as it went in, in order, page by page."""
        assert store.last_round(PROJECT) is None
        rows = [store.add_round(PROJECT, new_round(n), actor="me") for n in (3, 5, 9)]
        assert [(row.number, row.through, row.labels) for row in rows] == [(1, 3, 3), (2, 5, 5), (3, 9, 9)]
        assert rows[0].summary == '{"through": 3}'
        assert (rows[0].created, rows[0].fitted) == (clock.time, True)
        assert store.rounds(PROJECT) == rows
        assert store.rounds(PROJECT, after=1, limit=1) == rows[1:2]
        assert store.last_round(PROJECT) == rows[2]

    def test_the_same_answers_may_be_learned_from_again(self, store: Store) -> None:
        """Another learner, or other settings, make another round; no model is lost."""
        store.add_round(PROJECT, new_round(3, model=b"first"), actor="me")
        again = store.add_round(PROJECT, new_round(3, model=b"second"), actor="you")
        assert (again.number, again.through) == (2, 3)
        assert [store.model(PROJECT, number) for number in (1, 2)] == [b"first", b"second"]
        assert store.last_round(PROJECT) == again

    def test_a_round_may_have_no_model(self, store: Store) -> None:
        """Then the last fitted round is an earlier one."""
        fitted = store.add_round(PROJECT, new_round(3, model=b"\x00m"), actor="me")
        empty = store.add_round(PROJECT, new_round(4, model=None), actor="me")
        assert not empty.fitted
        assert store.last_round(PROJECT) == empty
        assert store.last_round(PROJECT, fitted=True) == fitted
        assert store.model(PROJECT, 1) == b"\x00m"
        for number in (2, 3, 0):
            with pytest.raises(RoundNotFoundError):
                store.model(PROJECT, number)

    def test_every_change_writes_one_line_and_nothing_else_does(self, bare: Store, clock: Clock) -> None:
        """Who did what when, with the words of the contract."""
        fill(bare, 3)
        clock.forward(1)
        hand(bare, "b1", [0, 1, 2])
        hand(bare, "b1", [0, 1, 2])
        say(bare, "i0", batch="b1")
        say(bare, "i0", batch="b1")
        bare.extend(PROJECT, "b1", 90, rule=Rule(), budget=None, actor="boss")
        bare.release(PROJECT, "b1", actor="boss")
        bare.release(PROJECT, "b1", actor="boss")
        bare.add_items(PROJECT, new_items("i0"), actor="lead")
        bare.settle(PROJECT, [])
        bare.add_round(PROJECT, new_round(1), actor="boss")
        bare.change_project(PROJECT, "{}", version=1, actor="lead")
        lines = [(entry.actor, entry.verb, entry.subject, json.loads(entry.detail)) for entry in bare.log()]
        assert lines == [
            ("lead", "project.create", PROJECT, {"version": 1}),
            ("lead", "items.add", PROJECT, {"added": 3, "known": 0}),
            ("alaas", "items.settle", PROJECT, {"items": 3}),
            ("ann", "batch.hand-out", "b1", {"items": 3}),
            ("ann", "answers.tell", PROJECT, {"kept": 1, "revised": 0, "refused": 0}),
            ("boss", "batch.extend", "b1", {"items": 2, "until": clock.time + 90}),
            ("boss", "batch.release", "b1", {"items": 2}),
            ("boss", "round.add", "1", {"through": 1, "labels": 1, "fitted": True}),
            ("lead", "project.change", PROJECT, {"version": 2}),
        ]
        assert [entry.project for entry in bare.log()] == [PROJECT] * 9
        assert [entry.at for entry in bare.log()] == [clock.time - 1] * 3 + [clock.time] * 6

    def test_the_log_is_read_page_by_page_of_one_project_or_of_all(self, store: Store) -> None:
        """Sequences go up; notes need no project that is there."""
        fill(store, 1, project="other")
        store.note(project=None, actor="root", verb="key.make", subject="k1", detail='{"role": "admin"}')
        store.note(project="gone", actor="root", verb="project.sweep", subject="gone")
        entries = store.log()
        assert [entry.sequence for entry in entries] == sorted({entry.sequence for entry in entries})
        assert entries[-2].project is None
        assert entries[-2].detail == '{"role": "admin"}'
        assert entries[-1].detail == "{}"
        assert store.log("gone") == entries[-1:]
        assert store.log("other") == [entry for entry in entries if entry.project == "other"]
        assert store.log(after=entries[1].sequence, limit=2) == entries[2:4]
        assert store.log(after=entries[-1].sequence) == []

    def test_time_never_goes_back(self, store: Store, clock: Clock) -> None:
        """A clock that is set back an hour stands still for the store, and no lease comes alive again."""
        hand(store, "b1", [1], lease=60)
        clock.forward(61)
        late = store.now()
        assert late == clock.time
        clock.forward(-3600)
        assert store.now() == late
        assert [pick.state for pick in store.batch(PROJECT, "b1").picks] == ["expired"]
        assert hand(store, "b2", [1]).created == late

    def test_a_store_that_can_be_used_says_so(self, store: Store) -> None:
        """``check`` returns; the table of jobs is one."""
        store.check()
        assert store.jobs is store.jobs
        assert type(store).schemes
