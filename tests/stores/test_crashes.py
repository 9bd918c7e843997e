"""What a process that is killed at the worst moments leaves behind: all of a call or nothing of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alaas.stores import Rule
from alaas.stores.sql import Sql

STORY = """
from alaas.stores import Finding, NewAnswer, NewBatch, NewItem, NewRound, Rule
from alaas.stores.sql import Sql
from alaas.types import Item

store, rule = Sql.from_url(url), Rule()
store.create_project("p", "{}", actor="me")
done("create-project")
items = [NewItem(item=Item(id=f"i{n}", text="x")) for n in range(300)]
store.add_items("p", items, actor="me")
done("add-items")
store.settle("p", [Finding(number=n, digest=bytes([n % 256, n // 256]) * 16) for n in range(300)])
done("settle")
more = dict(annotator="me", scores=(None, None), lease=600.0, provenance="{}", candidates=b"")
store.hand_out("p", NewBatch(id="b", numbers=(0, 1), **more), rule=rule, budget=None)
done("hand-out")
store.tell("p", [NewAnswer(item=f"i{n}", annotator="me", value="cat") for n in range(2)], rule=rule)
done("tell")
store.add_round("p", NewRound(through=2, labels=2, summary="{}", model=b"m"), actor="me")
done("add-round")
store.change_project("p", '{"a": 1}', version=1, actor="me")
done("change-project")
store.delete_project("p", actor="me")
done("delete-project")
store.close()
"""
CHILD = f"""
import functools, sys
url, done = sys.argv[1], functools.partial(print, flush=True)
{STORY}"""
STEPS = [
    "create-project",
    "add-items",
    "settle",
    "hand-out",
    "tell",
    "add-round",
    "change-project",
    "delete-project",
]


def seen(url: str) -> dict[str, object]:
    """What is there, so far as the steps change it."""
    with Sql.from_url(url) as store:
        store.check()
        log = [entry.verb for entry in store.log()]
        if not store.projects():
            return {"log": log}
        counts = store.counts("p")
        rows = store.items("p")
        answers = store.answers("p")
        assert sum(counts.states.values()) == counts.items == len(rows)
        assert {state for state, count in counts.states.items() if count} == {row.state for row in rows}
        assert counts.sequence == len(answers)
        assert len(store.snapshot("p", "you", rule=Rule()).numbers) == counts.states["pool"]
        return {
            "log": log,
            "items": len(rows),
            "states": dict(counts.states),
            "picks": [pick.state for batch in store.batches("p") for pick in batch.picks],
            "answers": len(answers),
            "rounds": len(store.rounds("p")),
            "version": store.project("p").version,
        }


def run(url: str, crash: str = "") -> tuple[list[str], int]:
    """The steps that the child has acknowledged, and how it ended."""
    environment = {"ALAAS_CRASH": crash, "PYTHONPATH": ":".join(sys.path), "OMP_NUM_THREADS": "1"}
    child = subprocess.run(
        [sys.executable, "-c", CHILD, url], env=environment, capture_output=True, text=True, check=False
    )
    assert child.returncode in (0, -signal.SIGKILL), child.stderr
    return child.stdout.split(), child.returncode


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is there after each number of steps, as JSON."""
    url = f"sqlite:///{tmp_path_factory.mktemp('story')}/store.db"
    found = [json.dumps(seen(url))]
    exec(STORY, {"url": url, "done": lambda _: found.append(json.dumps(seen(url)))})
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "moment"),
    [(step, "before-commit") for step in STEPS] + [(step, "after-commit") for step in ("add-items", "tell")],
)
def test_a_call_is_there_as_a_whole_or_not_at_all(
    step: str, moment: str, story: list[str], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    acknowledged, code = run(url, f"{step}.{moment}")
    assert code == -signal.SIGKILL
    assert acknowledged == STEPS[: STEPS.index(step)]
    there = len(acknowledged) + (moment == "after-commit")
    assert json.dumps(seen(url)) == story[there]


@pytest.mark.slow
@pytest.mark.external
@pytest.mark.parametrize(
    ("step", "moment"), [("add-items", "before-commit"), ("tell", "before-commit"), ("tell", "after-commit")]
)
def test_so_it_is_in_postgresql(step: str, moment: str, story: list[str], postgresql_url: str) -> None:
    acknowledged, _ = run(postgresql_url, f"{step}.{moment}")
    assert json.dumps(seen(postgresql_url)) == story[len(acknowledged) + (moment == "after-commit")]


@pytest.mark.slow
def test_a_migration_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    acknowledged, code = run(url, "migrate.before-commit")
    assert (acknowledged, code) == ([], -signal.SIGKILL)
    assert run(url) == (STEPS, 0)
