"""The jobs of projects, done more than once as a queue may do them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest

from alaas.config import Config
from alaas.errors import CancelledError, ProjectNotFoundError
from alaas.jobs import JobRun
from alaas.projects import Projects, project_handlers
from alaas.stores.memory import Memory
from alaas.types import Item
from rows import definition, labels, rows


@pytest.fixture
def projects(tmp_path) -> Iterator[Projects]:
    config = Config.model_validate(
        {"cache": {"directory": str(tmp_path / "features")}, "egress": {"roots": [str(tmp_path)]}}
    )
    with Memory() as store:
        opened = Projects(config, store)
        trees = opened.create(definition("trees"), actor="me")
        trees.add([Item(id=row["id"], row=row["row"]) for row in rows()])
        yield opened
        opened.close()


def do(projects: Projects, kind: str, *, id: str = "job", cancel: bool = False, **document: object) -> object:  # noqa: A002
    stop = threading.Event()
    if cancel:
        stop.set()
    run = JobRun(id=id, attempt=1, cancel=stop, report=lambda _progress: None)
    return json.loads(project_handlers(projects)[kind](json.dumps({"project": "trees", **document}), run))


def test_an_ask_done_twice_hands_out_one_batch(projects):
    first = do(projects, "ask", batch={"k": 3, "annotator": "ada"})
    again = do(projects, "ask", batch={"k": 3, "annotator": "ada"})
    assert first == again
    assert first["id"] == "job"
    assert projects.open("trees").status().batches == 1


def test_retraining_twice_makes_one_round(projects):
    assert do(projects, "retrain") is None
    projects.open("trees").tell(None, labels(["t0", "t1", "t2", "t3"]))
    assert do(projects, "retrain") == do(projects, "retrain")
    assert len(projects.open("trees").rounds()) == 1


def test_an_import_done_twice_adds_each_item_once(projects, tmp_path):
    (tmp_path / "more.csv").write_text("id,height,girth\nx,1,2\ny,3,4\n")
    document = {"source": {"uri": str(tmp_path / "more.csv")}, "actor": "ada"}
    assert do(projects, "import", **document) == {"added": 2, "known": 0}
    assert do(projects, "import", **document) == {"added": 0, "known": 2}
    assert projects.open("trees").status().states["new"] == 0


def test_an_export_holds_all_of_it(projects):
    made = do(projects, "export", format="csv")
    assert made["media_type"].startswith("text/csv")
    assert len(made["content"].splitlines()) == 31


def test_a_job_that_is_cancelled_stops(projects):
    with pytest.raises(CancelledError):
        do(projects, "ask", batch={"k": 3}, cancel=True)


def test_a_project_that_has_gone_fails_the_job(projects):
    projects.delete("trees", actor="me")
    with pytest.raises(ProjectNotFoundError):
        do(projects, "retrain")
