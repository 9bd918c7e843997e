"""``alaas ask``, ``tell`` and the rest, on this machine and on a server."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from alaas import Client, Server
from alaas.config import Config
from alaas.projects import Projects
from alaas.stores import Store
from alaas.stores.memory import Memory
from object_store import object_store
from rows import definition, label, rows


class Kept(Memory):
    """A store that outlives the command, as a database would."""

    def close(self) -> None:
        pass


@pytest.fixture
def store(monkeypatch) -> Store:
    kept = Kept()
    monkeypatch.setattr("alaas.projects._opening.open_store", lambda _url: kept)
    return kept


@pytest.fixture
def trees(tmp_path: Path, store: Store) -> str:
    """The file of a project over 30 rows."""
    with (tmp_path / "trees.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "height", "girth"])
        writer.writerows((row["id"], *row["row"].values()) for row in rows())
    said = {key: value for key, value in definition("trees").items() if key != "name"}
    (tmp_path / "trees.yaml").write_text(yaml.safe_dump({**said, "source": "trees.csv"}))
    return str(tmp_path / "trees.yaml")


@pytest.fixture
def away(tmp_path: Path) -> Iterator[str]:
    """The address of a server with the same project."""
    settings = {"server": {"port": 0}, "store": "memory:", "cache": {"directory": str(tmp_path / "features")}}
    with Server(Config.model_validate(settings)) as server, Client(server.url) as client:
        client.create_project(definition("trees"))
        client.project("trees").add(items=rows())
        yield server.url


@pytest.fixture(params=["here", "away"])
def project(request, trees) -> list[str]:
    """The arguments that name the project, on either side."""
    return [trees] if request.param == "here" else ["trees", "--server", request.getfixturevalue("away")]


def write_labels(path: Path, items: list[str]) -> Path:
    path.write_text("item,label\n" + "".join(f"{item},{label(item)}\n" for item in items))
    return path


def test_the_loop_has_the_same_words_on_both_sides(run, project, tmp_path):
    asked = run("ask", *project, "-k", 6, "--annotator", "ada", "--json")
    batch = json.loads(asked.out)
    assert (batch["annotator"], len(batch["items"]), batch["project"]) == ("ada", 6, "trees")
    file = write_labels(tmp_path / "labels.csv", [item["id"] for item in batch["items"]])
    told = run("tell", *project, file, "--batch", batch["id"], "-a", "ada")
    assert (told.code, told.out) == (0, "6 kept; 6 labels in all\n")
    again = run("tell", *project, file, "--batch", batch["id"], "-a", "ada")
    assert again.out == "6 same; 6 labels in all\n"
    assert run("retrain", *project).out.startswith("round ")
    status = run("status", *project)
    assert "labels     6\n" in status.out
    assert "pool       24 may be asked for, 0 are held\n" in status.out
    assert json.loads(run("status", *project, "--json").out)["labels"] == 6
    replayed = run("replay", *project, batch["id"])
    assert (replayed.code, replayed.out) == (0, "the same 6 items\n")
    second = run("ask", *project, "-k", 2)
    assert second.out.splitlines()[0].split() == ["rank", "id", "why", "guess"]
    assert "2 items for me until" in second.err
    read = csv.DictReader(io.StringIO(run("export", *project, "--format", "csv").out))
    assert sum(bool(row["label"]) for row in read) == 6


def test_pins_excludes_and_giving_back(run, project):
    asked = json.loads(run("ask", *project, "-k", 3, "--pin", "t7", "--exclude", "t8", "--json").out)
    ids = [item["id"] for item in asked["items"]]
    assert ids[0] == "t7"
    assert "t8" not in ids
    released = run("release", *project, asked["id"])
    assert (released.code, released.out) == (0, "3 of 3 items are back in the pool\n")


def test_a_refused_label_is_told_and_ends_with_1(run, project, tmp_path):
    file = tmp_path / "labels.jsonl"
    lines = [{"item": "t0", "label": "ash"}, {"item": "t1", "label": "oak"}, {"item": "t2", "skip": "gone"}]
    file.write_text("\n".join(json.dumps(line) for line in lines))
    told = run("tell", *project, file)
    assert (told.code, told.out) == (1, "2 kept, 1 refused; 1 labels in all\n")
    assert "refused t1: item 't1': the task has no class 'oak'" in told.sentence


def test_labels_come_through_a_pipe(run, project, monkeypatch):
    for text, outcome in (('{"item": "t0", "label": "ash"}\n', "kept"), ("item,label\nt0,ash\n", "same")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert run("tell", *project).out == f"1 {outcome}; 1 labels in all\n"


def test_conflicts_are_listed_and_settled(run, trees, tmp_path):
    for name, said in (("ada", "ash"), ("bob", "beech")):
        (tmp_path / f"{name}.csv").write_text(f"item,label\nt0,{said}\n")
        run("tell", trees, tmp_path / f"{name}.csv", "-a", name, "--set", "labelling.annotators=2")
    listed = run("conflicts", trees, "--set", "labelling.annotators=2")
    assert listed.out.splitlines()[1].split() == ["t0", "ada:", "ash,", "bob:", "beech"]
    run("tell", trees, tmp_path / "ada.csv", "-a", "eve", "--final", "--set", "labelling.annotators=2")
    assert json.loads(run("conflicts", trees, "--json", "--set", "labelling.annotators=2").out) == []


def test_more_items_are_added_once(run, trees, tmp_path):
    (tmp_path / "more.csv").write_text("id,height,girth\nt0,1,1\nx,1,1\n")
    assert run("add", trees, tmp_path / "more.csv").out == "1 items added, 1 were there\n"


def test_an_export_replaces_a_file_whole(run, project, tmp_path):
    (tmp_path / "out.jsonl").write_text("old")
    assert run("export", *project, "-o", tmp_path / "out.jsonl").out == ""
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 30
    refused = run("export", *project, "-o", tmp_path / "missing" / "out.jsonl")
    assert refused.code == 2
    assert "cannot write" in refused.sentence


@pytest.mark.external
def test_an_export_goes_to_a_bucket(run, project, trees, tmp_path, monkeypatch):
    with object_store(monkeypatch) as store:
        store.create_bucket(Bucket="out")
        assert run("export", *project, "--to", "s3://out/of/here.jsonl").out == ""
        found = store.get_object(Bucket="out", Key="of/here.jsonl")["Body"].read()
        assert found.decode() == run("export", *project).out
        refused = run("export", *project, "--to", "s3://nobody/here.jsonl")
        assert refused.code == 2
        assert "cannot write s3://nobody/here.jsonl" in refused.sentence
    assert run("export", *project, "--to", tmp_path / "here.jsonl").out == ""
    assert (tmp_path / "here.jsonl").read_bytes() == found
    assert "names no object" in run("export", *project, "--to", "s3://out/").sentence
    assert "give one of them" in run("export", *project, "--to", "s3://out/a", "-o", "b").sentence


def test_a_model_needs_a_place(run, project, trees, tmp_path, store):
    assert "say where to" in run("export", *project, "-f", "onnx").sentence
    labels = [f"t{n},{('ash', 'beech')[n % 2]}" for n in range(8)]
    (tmp_path / "labels.csv").write_text("\n".join(["item,label", *labels]))
    run("tell", *project, tmp_path / "labels.csv")
    run("retrain", *project)
    assert run("export", *project, "-f", "onnx", "-o", tmp_path / "trees.onnx").out == ""
    assert (tmp_path / "trees.onnx").stat().st_size > 500


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "columns item and label"),
        ("item,label\n", "holds no answers"),
        ("id,label\nt0,ash\n", "columns item and label"),
        ("item,label,nope\nt0,ash,1\n", "columns item and label"),
        ("item,label\nt0,ash\nt0,beech\n", "line 3: item 't0' is answered twice"),
        ("item,label\nt0,\n", "line 2: an answer has exactly one of"),
        ('{"item": "t0"}', "line 1: an answer has exactly one of"),
        ('{"item": "t0", "label": "ash"}\n{oops', "line 2: no JSON"),
        ('{"item": "t0", "lable": "ash"}', "line 1: lable"),
    ],
)
def test_what_is_wrong_with_a_file_of_labels_is_one_sentence(run, trees, tmp_path, text, sentence):
    (tmp_path / "labels").write_text(text)
    ended = run("tell", trees, tmp_path / "labels")
    assert ended.code == 2
    assert sentence in ended.sentence


def test_missing_files_and_servers_are_one_sentence(run, trees):
    assert "cannot read nowhere.csv" in run("tell", trees, "nowhere.csv").sentence
    assert run("status", "nowhere.yaml").code == 2
    gone = run("status", "trees", "--server", "http://127.0.0.1:9")
    assert (gone.code, "alaas serve" in gone.sentence) == (1, True)
    assert "did you mean 'jsonl'" in run("export", trees, "-f", "json").sentence


def test_cells_of_a_multi_label_task_hold_several_classes(run, trees, tmp_path, store):
    (tmp_path / "labels.csv").write_text("item,label\nt0,ash; beech\nt1,cedar\n")
    several = ["--set", "task.kind=multi-label"]
    assert run("tell", trees, tmp_path / "labels.csv", *several).out == "2 kept; 2 labels in all\n"
    [first, second] = store.answers("trees")
    assert (first.value, second.value) == (("ash", "beech"), ("cedar",))


def test_a_server_can_take_over_what_the_command_began(run, trees, store):
    run("ask", trees, "-k", 2)
    projects = Projects(Config(), store)
    assert projects.open("trees").status().batches == 1
    projects.close()


def fed(count: int, start: int = 100) -> str:
    """JSON lines of rows that are not in the project."""
    items = [{"id": f"s{n}", "row": {"height": n / 7, "girth": n % 5}} for n in range(start, start + count)]
    return "".join(json.dumps(item) + "\n" for item in items)


def test_a_stream_is_decided_line_by_line(run, project, monkeypatch, tmp_path):
    text = fed(60) + "\nnot json\n" + fed(1)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    ended = run("stream", *project, "-", "--lot", 25)
    assert ended.code == 0
    decisions = [json.loads(line) for line in ended.out.splitlines()]
    assert [one["id"] for one in decisions] == [*(f"s{n}" for n in range(100, 160)), "line 62", "s100"]
    assert decisions[60]["why"] == "failed"
    assert "JSON" in decisions[60]["detail"]
    assert decisions[61]["why"] in ("known", "repeated")
    taken = [one["id"] for one in decisions[:60] if one["taken"]]
    assert 1 <= len(taken) <= 13
    assert ended.sentence == f"60 items have arrived in all, {len(taken)} were taken"
    asked = json.loads(run("ask", *project, "-k", len(taken), "--json").out)
    assert [(item["id"], item["reason"]) for item in asked["items"]] == [(name, "stream") for name in taken]
    (tmp_path / "feed.jsonl").write_text(fed(3))
    assert run("stream", *project, "feed.jsonl").out.count('"why":') == 3


def test_a_feed_that_is_not_there_is_said(run, trees):
    ended = run("stream", trees, "nowhere.jsonl")
    assert (ended.code, "cannot read the feed 'nowhere.jsonl'" in ended.sentence) == (2, True)
