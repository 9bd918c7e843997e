"""The loop of a project over HTTP: items in, batches out, labels in, rounds, exports."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import json
import time

import pytest

from rows import definition, label, labels, rows

from .conftest import ended

_numbers = itertools.count()


@pytest.fixture(scope="module")
def config(config):
    """Retrainings that wait for more labels wait in the queue, one for each test's project."""
    return config.model_copy(update={"limits": config.limits.model_copy(update={"max_jobs": 64})})


@pytest.fixture
def project(http):
    """The address of a project of 30 rows of its own for each test."""
    name = f"loop-{next(_numbers)}"
    http.post("/v1/projects", json=definition(name))
    address = f"/v1/projects/{name}"
    assert http.post(f"{address}/items", json={"items": rows()}).status_code == 201
    return address


def finished(http, answer) -> dict:
    """The result of the job that was started."""
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    job = ended(http, answer.json()["id"])
    assert job["state"] == "succeeded", job
    return http.get(job["links"]["result"]).json()


def failed(http, answer) -> str:
    """The code of the job that was started and failed."""
    assert answer.status_code == 202, answer.text
    job = ended(http, answer.json()["id"])
    assert job["state"] == "failed"
    return job["error"]["code"]


def ask(http, project, **wanted) -> dict:
    return finished(http, http.post(f"{project}/batches", json=wanted))


def tell(http, project, batch, answers, **more) -> dict:
    body = {"batch": batch, "answers": [{"item": item, "label": said} for item, said in answers.items()]}
    answer = http.post(f"{project}/labels", json={**body, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(batch) -> list[str]:
    return [item["id"] for item in batch["items"]]


def test_adding_items_again_adds_nothing(http, project):
    again = http.post(f"{project}/items", json={"items": rows(32)})
    assert (again.status_code, again.json()) == (201, {"added": 2, "known": 30})


def test_an_item_without_an_id_is_called_by_what_it_carries(http, project):
    items = {"items": [{"row": {"height": 1.0, "girth": 2.0}}]}
    assert http.post(f"{project}/items", json=items).json() == {"added": 1, "known": 0}
    assert http.post(f"{project}/items", json=items).json() == {"added": 0, "known": 1}


def test_items_come_in_pages_and_by_state(http, project):
    found, after = [], None
    while True:
        params = {"limit": 7} | ({"after": after} if after else {})
        page = http.get(f"{project}/items", params=params).json()
        found += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == [f"t{number}" for number in range(30)]
    page = http.get(f"{project}/items", params={"state": "labelled"}).json()
    assert page == {"items": [], "next": None}
    page = http.get(f"{project}/items", params={"id": ["t3", "t5"]}).json()
    assert [item["row"] for item in page["items"]] == [rows()[3]["row"], rows()[5]["row"]]


@pytest.mark.parametrize("cursor", ["x", "-1", "1" * 30, "²"])
def test_a_made_up_cursor_is_refused(http, project, cursor):
    for part in ("items", "batches", "labels", "rounds", "conflicts", "metrics"):
        answer = http.get(f"{project}/{part}", params={"after": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "usage")


def test_what_is_uploaded_stays_with_the_project_but_is_not_listed(http, project):
    content = base64.b64encode(b"some bytes").decode()
    http.post(f"{project}/items", json={"items": [{"id": "up", "blob": content}]})
    [item] = http.get(f"{project}/items", params={"id": "up"}).json()["items"]
    assert (item["uri"], item["uploaded"]) == (None, True)


def test_an_upload_beyond_the_limit_is_refused_with_the_setting(http, project, monkeypatch, server):
    limits = server.config.limits.model_copy(update={"max_item_bytes": 5})
    config = server.config.model_copy(update={"limits": limits})
    from alaas.errors import LimitError
    from alaas.protocol import ItemBody
    from alaas.server.given import items_of

    with pytest.raises(LimitError, match=r"items\[0\].*6 bytes, 5 are allowed.*limits.max_item_bytes"):
        items_of([ItemBody(blob=b"sixsix")], config)
    many = {"items": [{"text": str(number)} for number in range(51)]}
    answer = http.post(f"{project}/items", json=many)
    assert (answer.status_code, answer.json()["code"]) == (413, "limit")


def test_a_source_of_the_servers_machine_is_not_open_to_clients(http, project, tmp_path):
    (tmp_path / "more.csv").write_text("id,height,girth\na,1,2\n")
    started = http.post(f"{project}/items", json={"source": str(tmp_path / "more.csv")})
    assert failed(http, started) == "egress"


def test_the_whole_loop(http, project):
    batch = ask(http, project, k=9)
    assert len(ids(batch)) == 9
    assert http.get(f"{project}/batches/{batch['id']}").json()["items"] == batch["items"]
    told = tell(http, project, batch["id"], labels(ids(batch)))
    assert told["labels"] == 9
    assert {receipt["outcome"] for receipt in told["receipts"]} == {"kept"}
    assert ended(http, told["retrain"])["state"] == "succeeded"
    status = http.get(f"{project}/status").json()
    assert (status["behind"], status["round"]["labels"], status["round"]["fitted"]) == (0, 9, True)
    second = ask(http, project, k=5)
    assert second["strategy"] == "margin"
    assert second["round"] == 1
    assert not set(ids(second)) & set(ids(batch))
    assert all(item["guess"]["label"] in ("ash", "beech", "cedar") for item in second["items"])
    assert [one["id"] for one in http.get(f"{project}/batches").json()["batches"]] == [
        batch["id"],
        second["id"],
    ]
    replayed = http.get(f"{project}/batches/{second['id']}/replay").json()
    assert (replayed["same"], replayed["ids"]) == (True, ids(second))


def test_the_same_key_gives_the_same_batch(http, project):
    headers = {"Idempotency-Key": project}
    first = http.post(f"{project}/batches", json={"k": 3}, headers=headers)
    again = http.post(f"{project}/batches", json={"k": 3}, headers=headers)
    assert first.json()["id"] == again.json()["id"]
    assert finished(http, first) == finished(http, again)
    other = http.post(f"{project}/batches", json={"k": 4}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "job-conflict")
    assert len(http.get(f"{project}/batches").json()["batches"]) == 1


def test_one_wrong_label_is_refused_and_the_others_are_kept(http, project):
    batch = ask(http, project, k=3)
    first, second, third = ids(batch)
    told = tell(
        http, project, batch["id"], {first: label(first), second: "oak", "t99": "ash", third: ["ash"]}
    )
    outcomes = {receipt["item"]: receipt["outcome"] for receipt in told["receipts"]}
    assert outcomes == {first: "kept", second: "refused", "t99": "refused", third: "refused"}
    assert "known: ash, beech, cedar" in told["receipts"][1]["reason"]
    assert told["labels"] == 1


def test_telling_again_is_the_same_and_starts_nothing(http, project):
    batch = ask(http, project, k=2)
    ended(http, tell(http, project, batch["id"], labels(ids(batch)))["retrain"])
    again = tell(http, project, batch["id"], labels(ids(batch)))
    assert {receipt["outcome"] for receipt in again["receipts"]} == {"same"}
    assert again["retrain"] is None
    assert len(http.get(f"{project}/labels").json()["labels"]) == 2


@pytest.mark.parametrize(
    "answers",
    [
        [],
        [{"item": "t1"}],
        [{"item": "t1", "label": "ash", "skip": ""}],
        [{"item": "t1", "label": "ash"}, {"item": "t1", "label": "beech"}],
        [{"item": "t1", "label": 3}],
        [{"item": "", "label": "ash"}],
    ],
)
def test_malformed_answers_are_refused_as_a_whole(http, project, answers):
    answer = http.post(f"{project}/labels", json={"answers": answers})
    assert (answer.status_code, answer.json()["code"]) == (422, "usage")
    assert http.get(f"{project}/labels").json()["labels"] == []


def test_a_batch_that_is_not_there_is_404_for_all_its_verbs(http, project):
    body = {"batch": "none", "answers": [{"item": "t1", "label": "ash"}]}
    for answer in (
        http.post(f"{project}/labels", json=body),
        http.get(f"{project}/batches/none"),
        http.get(f"{project}/batches/none/replay"),
        http.post(f"{project}/batches/none/release"),
        http.post(f"{project}/batches/none/extend"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "batch-not-found")


def test_ways_to_give_no_label_are_in_the_history(http, project):
    one, two, three = ids(ask(http, project, k=3))
    answers = [
        {"item": one, "skip": "blurred"},
        {"item": two, "unsure": ""},
        {"item": three, "defer": "later"},
    ]
    http.post(f"{project}/labels", json={"answers": answers, "annotator": "ada"})
    history = http.get(f"{project}/labels").json()["labels"]
    assert [(entry["kind"], entry["reason"], entry["annotator"]) for entry in history] == [
        ("skip", "blurred", "ada"),
        ("unsure", None, "ada"),
        ("defer", "later", "ada"),
    ]


def test_a_batch_is_extended_and_given_back(http, project):
    batch = ask(http, project, k=4)
    longer = http.post(f"{project}/batches/{batch['id']}/extend", json={"lease": 7200}).json()
    assert longer["until"] > batch["until"]
    first = ids(batch)[0]
    part = http.post(f"{project}/batches/{batch['id']}/release", json={"items": [first]}).json()
    assert {item["id"] for item in part["items"] if item["state"] == "released"} == {first}
    whole = http.post(f"{project}/batches/{batch['id']}/release").json()
    assert {item["state"] for item in whole["items"]} == {"released"}
    assert http.get(f"{project}/status").json()["held"] == 0


def test_disagreement_is_shown_and_settled(http):
    http.post("/v1/projects", json=definition("pairs", labelling={"annotators": 2}))
    http.post("/v1/projects/pairs/items", json={"items": rows(3)})
    project = "/v1/projects/pairs"
    tell(http, project, None, {"t0": "ash"}, annotator="ada")
    tell(http, project, None, {"t0": "beech", "t1": "beech"}, annotator="bob")
    page = http.get(f"{project}/conflicts").json()
    assert page == {
        "conflicts": [
            {
                "id": "t0",
                "uri": None,
                "text": None,
                "answers": {"ada": "ash", "bob": "beech"},
            }
        ],
        "next": None,
    }
    told = tell(http, project, None, {"t0": "ash"}, annotator="eve", final=True)
    assert told["receipts"][0]["state"] == "labelled"
    assert http.get(f"{project}/conflicts").json()["conflicts"] == []


def test_an_ask_for_nothing_says_why(http, project):
    everything = ask(http, project, k=30)
    assert failed(http, http.post(f"{project}/batches", json={"k": 1})) == "nothing-left"
    assert failed(http, http.post(f"{project}/batches", json={"pin": ["t99"]})) == "item-not-found"
    http.post(f"{project}/batches/{everything['id']}/release")
    http.patch(project, json={"budget": 2}, headers={"If-Match": '"1"'})
    assert len(ids(ask(http, project, k=5))) == 2
    assert failed(http, http.post(f"{project}/batches", json={"k": 1})) == "budget-spent"


def test_rounds_metrics_model_and_predictions(http, project):
    assert finished(http, http.post(f"{project}/rounds")) is None
    answer = http.get(f"{project}/rounds/latest/model")
    assert (answer.status_code, answer.json()["code"]) == (404, "round-not-found")
    tell(http, project, None, labels([f"t{number}" for number in range(24)]))
    made = finished(http, http.post(f"{project}/rounds"))
    assert made["labels"] == 24
    page = http.get(f"{project}/rounds").json()
    assert page["rounds"][-1] == made
    [*_, point] = http.get(f"{project}/metrics").json()["points"]
    assert (point["labels"], point["metrics"]["accuracy"] > 0.8) == (24, True)
    items = {"items": rows(3)}
    found = http.post(f"{project}/predict", json=items).json()["predictions"]
    assert [(one["id"], one["label"]) for one in found] == list(labels(["t0", "t1", "t2"]).items())
    assert sum(found[0]["probabilities"].values()) == pytest.approx(1)
    assert http.post(f"{project}/predict", json={**items, "round": 99}).status_code == 404


@pytest.mark.parametrize("kind", ["jsonl", "csv", "label-studio"])
def test_an_export_is_streamed_or_kept_by_a_job(http, project, kind):
    ended(http, tell(http, project, None, labels(["t0", "t1"]))["retrain"])
    direct = http.get(f"{project}/export", params={"format": kind})
    assert direct.status_code == 200
    kept = finished(http, http.post(f"{project}/export", json={"format": kind}))
    assert kept["content"] == direct.text
    assert direct.headers["content-type"] == kept["media_type"]
    if kind == "csv":
        read = {row["id"]: row["label"] for row in csv.DictReader(io.StringIO(direct.text))}
        assert (read["t0"], read["t1"], read["t2"]) == ("ash", "beech", "")
    elif kind == "jsonl":
        assert len([json.loads(line) for line in direct.text.splitlines()]) == 30
    else:
        assert len(direct.json()) == 30


def test_a_format_that_is_not_known_is_refused(http, project):
    assert http.get(f"{project}/export", params={"format": "xml"}).status_code == 422


def test_retrainings_that_wait_are_one(http, project):
    jobs = {tell(http, project, None, {f"t{number}": label(f"t{number}")})["retrain"] for number in range(12)}
    for job in jobs:
        assert ended(http, job)["state"] == "succeeded"
    assert http.get(f"{project}/status").json()["behind"] == 0


def test_the_learner_follows_rows_that_change_its_features(http, project):
    """A table's columns are scaled by all its rows, so a learner of the old ones cannot judge the new."""
    batch = ask(http, project, k=12)
    tell(http, project, batch["id"], labels(ids(batch)))
    finished(http, http.post(f"{project}/rounds"))
    far = {"id": "far", "row": {"height": 90, "girth": 90}}
    added = http.post(f"{project}/items", json={"items": [far]})
    assert added.json() == {"added": 1, "known": 0}
    until = time.monotonic() + 20
    while ask(http, project, k=1)["items"][0]["reason"] != "strategy":
        assert time.monotonic() < until
        time.sleep(0.3)


def test_a_project_that_is_made_with_sources_reads_them(http, tmp_path):
    """Once, however often its making is repeated; what may not be read fails its job and says so."""
    body = definition("sourced", source=["http://127.0.0.1:9/a.jpg"], modality="image", model=None)
    made = [
        http.post("/v1/projects", json=body, headers={"Idempotency-Key": "once"}).json() for _ in range(2)
    ]
    assert made[0]["imports"] == made[1]["imports"]
    assert len(made[0]["imports"]) == 1
    assert ended(http, made[0]["imports"][0])["kind"] == "import"
    assert len(http.get("/v1/projects/sourced/items").json()["items"]) == 1
    away = http.post("/v1/projects", json=definition("away", source="/etc")).json()
    job = ended(http, away["imports"][0])
    assert (job["state"], job["error"]["code"]) == ("failed", "egress")
    assert http.get("/v1/projects/away").json()["imports"] == []


def test_a_class_stands_once(http):
    twice = definition("twice") | {"task": {"classes": ["ash", "beech", "ash"]}}
    answer = http.post("/v1/projects", json=twice)
    assert answer.status_code == 422
    assert "'ash' stands twice" in answer.json()["detail"]
