"""Deliveries: signed, in order, again and again until they are taken, and nobody waits for anybody else."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from alaas.config import WebhookSettings
from alaas.errors import ConfigError
from alaas.jobs import DurableJobs
from alaas.stores import NewItem, NewRound, Store
from alaas.stores.memory import Memory
from alaas.types import Item
from alaas.webhooks import JobFinished, ProjectFinished, verify
from receivers import SECRET, wait_until

from .conftest import HASTY, telling


def make_projects(store: Store, *names: str) -> None:
    for name in names:
        store.create_project(name, "{}", actor="ann")


def names(receiver) -> list[str]:
    return [event["data"]["project"] for event in receiver.told]


def test_a_change_of_the_store_is_told_and_signed(store, receiving):
    receiver = receiving()
    with telling(store, receiver.settings()):
        make_projects(store, "flowers")
        wait_until(lambda: receiver.got)
    headers, body = receiver.got[0]
    assert verify(SECRET, headers, body) == headers["webhook-id"]
    event = json.loads(body)
    assert event["type"] == "project.created"
    assert event["data"] == {"project": "flowers", "actor": "ann"}
    assert event["timestamp"].endswith("Z")


def test_a_round_is_told_with_its_metrics(store, receiving):
    receiver = receiving()
    with telling(store, receiver.settings(events=["round.finished"])):
        make_projects(store, "flowers")
        new = NewRound(through=3, labels=2, summary='{"metrics": {"accuracy": 0.5}}', model=b"x")
        store.add_round("flowers", new, actor="ann")
        wait_until(lambda: receiver.got)
    [event] = receiver.told
    assert event["type"] == "round.finished"
    assert event["data"]["summary"] == {"metrics": {"accuracy": 0.5}}
    assert (event["data"]["round"], event["data"]["labels"], event["data"]["fitted"]) == (1, 2, True)


def test_what_no_change_stands_for_is_told_when_it_is_emitted(store, receiving):
    receiver = receiving()
    with telling(store, receiver.settings()) as webhooks:
        webhooks.emit(ProjectFinished(project="flowers", reason="budget", labels=7))
        webhooks.emit(JobFinished(project=None, job="j", work="select", state="failed", failure="source"))
        wait_until(lambda: len(receiver.got) == 2)
    assert [event["type"] for event in receiver.told] == ["project.finished", "job.finished"]
    assert receiver.told[0]["data"] == {"project": "flowers", "reason": "budget", "labels": 7}
    assert receiver.told[1]["data"]["failure"] == "source"


def test_a_receiver_hears_only_what_it_asked_for(store, receiving):
    everything, chosen = receiving(), receiving()
    with telling(
        store, everything.settings(), chosen.settings(events=["project.created"], projects=["birds"])
    ) as webhooks:
        make_projects(store, "flowers", "birds")
        webhooks.emit(ProjectFinished(project="birds", reason="budget", labels=1))
        store.add_items("birds", [NewItem(item=Item(id="a", text="a"))], actor="ann")  # told to nobody
        wait_until(lambda: len(everything.got) == 3)
        wait_until(lambda: chosen.got)
    assert [(event["type"], event["data"]["project"]) for event in chosen.told] == [
        ("project.created", "birds")
    ]


def test_a_job_that_nobody_asks_about_is_not_written_down(store, receiving):
    receiver = receiving()
    with telling(store, receiver.settings(events=["round.finished"])) as webhooks:
        webhooks.emit(JobFinished(project=None, job="j", work="select", state="failed", failure=None))
    assert not [entry for entry in store.log() if entry.verb == "job.finished"]


def test_an_event_is_sent_again_under_its_id_until_it_is_taken_and_the_next_one_waits(store, receiving):
    receiver = receiving(500, 302, 429, 200)
    outcomes = []
    with telling(store, receiver.settings(), on_outcome=outcomes.append):
        make_projects(store, "a", "b", "c")
        wait_until(lambda: len(receiver.got) == 6)
    assert names(receiver) == ["a", "a", "a", "a", "b", "c"]
    assert len(set(receiver.ids)) == 3
    assert outcomes == ["failed", "failed", "failed", "delivered", "delivered", "delivered"]


def test_a_receiver_says_when_it_wants_to_be_asked_again(store, receiving):
    receiver = receiving(503, 200, headers={"Retry-After": "1"})
    with telling(store, receiver.settings()):
        make_projects(store, "a")
        wait_until(lambda: receiver.got)
        began = time.monotonic()
        wait_until(lambda: len(receiver.got) == 2)
    assert time.monotonic() - began > 0.8


def test_pauses_between_tries_grow(store, receiving):
    receiver = receiving(500)
    with telling(store, receiver.settings(), patience=replace(HASTY, first=0.05, most=10.0)):
        make_projects(store, "a")
        time.sleep(1.0)
    assert 3 <= len(receiver.got) <= 6  # 0.05 + 0.1 + 0.2 + 0.4 seconds, each a quarter more or less


def test_a_receiver_that_is_gone_is_told_nothing_more(store, receiving):
    receiver, other = receiving(200, 410), receiving()
    with telling(store, receiver.settings(), other.settings()):
        make_projects(store, "a", "b", "c")
        wait_until(lambda: len(other.got) == 3)
        time.sleep(0.1)
    assert names(receiver) == ["a", "b"]


def test_an_event_that_is_too_old_is_given_up(store, receiving):
    receiver = receiving(500)
    outcomes = []
    with telling(store, receiver.settings(), patience=replace(HASTY, whole=0.3), on_outcome=outcomes.append):
        make_projects(store, "a")
        wait_until(lambda: "expired" in outcomes)
        receiver.statuses = [200]
        make_projects(store, "b")
        wait_until(lambda: outcomes[-1] == "delivered")
    assert names(receiver)[-1] == "b"


def test_a_slow_receiver_and_a_dead_one_hold_up_nobody(store, receiving):
    slow, quick, dead = receiving(pause=0.8), receiving(), receiving()
    dead.close()
    with telling(store, slow.settings(), quick.settings(), dead.settings()):
        began = time.monotonic()
        make_projects(store, *"abcdefgh")
        wait_until(lambda: len(quick.got) == 8)
        assert time.monotonic() - began < 0.7
        assert store.jobs.waiting() == 0  # and nothing piles up
    assert names(quick) == list("abcdefgh")


def test_stopping_does_not_wait_for_an_answer(store, receiving):
    receiver = receiving(pause=3.0)
    with telling(store, receiver.settings(), patience=replace(HASTY, answer=30.0)) as webhooks:
        make_projects(store, "a")
        wait_until(lambda: receiver.got)
        began = time.monotonic()
        webhooks.close()
        assert time.monotonic() - began < 1.5


def test_after_a_restart_deliveries_go_on_where_they_stopped(store, receiving):
    receiver = receiving(200, 500)
    with telling(store, receiver.settings()):
        make_projects(store, "a", "b")
        wait_until(lambda: len(receiver.got) >= 2)
    make_projects(store, "c")  # written while nobody delivers
    receiver.statuses = [200]
    seen = len(receiver.got)
    with telling(store, receiver.settings()):
        wait_until(lambda: len(receiver.got) == seen + 2)
        time.sleep(0.1)
    assert names(receiver)[seen:] == ["b", "c"]


def test_a_new_receiver_hears_of_what_comes_and_not_of_what_was(store, receiving):
    make_projects(store, "old")
    receiver = receiving()
    with telling(store, receiver.settings()):
        make_projects(store, "new")
        wait_until(lambda: receiver.got)
    assert names(receiver) == ["new"]


def test_of_two_processes_one_delivers_and_the_other_takes_over(store, receiving):
    receiver = receiving()
    with telling(store, receiver.settings()) as first, telling(store, receiver.settings()):
        make_projects(store, *"abcde")
        wait_until(lambda: len(receiver.got) == 5)
        first.close()
        make_projects(store, *"fgh")
        wait_until(lambda: len(receiver.got) == 8)
    assert names(receiver) == list("abcdefgh")


def test_a_store_that_is_away_for_a_while_loses_nothing(store, receiving, monkeypatch):
    from alaas.errors import StoreError
    from alaas.webhooks import _webhooks

    monkeypatch.setattr(_webhooks, "_AWAY", 0.05)
    receiver, log, away = receiving(), Memory.log, []

    def failing(self, *arguments, **more):
        if away:
            raise StoreError("the database is away")
        return log(self, *arguments, **more)

    monkeypatch.setattr(Memory, "log", failing)
    with telling(store, receiver.settings()):
        make_projects(store, "a")
        wait_until(lambda: receiver.got)
        away.append(True)
        make_projects(store, "b")
        time.sleep(0.2)
        away.clear()
        wait_until(lambda: "b" in names(receiver))
    assert names(receiver) == ["a", "b"]


def test_what_is_written_down_never_holds_the_address_or_the_secret(store, receiving, caplog):
    receiver = receiving(500, 200)
    with caplog.at_level("DEBUG"), telling(store, receiver.settings()):
        make_projects(store, "a")
        wait_until(lambda: len(receiver.got) == 2)
    written = caplog.text + repr(store.log())
    assert "127.0.0.1" in caplog.text
    assert "hidden" not in written
    assert SECRET not in written


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://example.org/", "http or https"),
        ("https://me:secret@example.org/", "user name"),
        ("nonsense", "http or https"),
        ("http://example.org:99999/", "http or https"),
    ],
)
def test_an_address_that_cannot_be_posted_to_is_refused_at_the_start(store, url, words):
    with (
        pytest.raises(ConfigError, match=words) as caught,
        telling(store, WebhookSettings(url=url, secret=SECRET)),
    ):
        pass
    assert "webhooks[0].url" in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_an_unknown_event_and_an_address_given_twice_are_refused(store, receiving):
    receiver = receiving()
    with (
        pytest.raises(ConfigError, match=r"did you mean 'round\.finished'"),
        telling(store, receiver.settings(events=["round.finish"])),
    ):
        pass
    with pytest.raises(ConfigError, match="twice"), telling(store, receiver.settings(), receiver.settings()):
        pass


def test_without_receivers_nothing_runs(store):
    def refuse(handlers, workers) -> DurableJobs:
        raise AssertionError("no jobs are needed")

    from alaas.config import EgressSettings
    from alaas.webhooks import Webhooks

    Webhooks([], store, EgressSettings(), refuse).close()
