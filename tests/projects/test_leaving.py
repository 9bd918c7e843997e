"""What a project gives away: its labels in every format, its model, and what people disagree about."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PIL import Image as Pillow

from alaas.config import Config
from alaas.errors import RoundNotFoundError, UnknownNameError
from alaas.projects import Project, Skip
from alaas.testing.models import write_image_model
from alaas.types import Item


@pytest.fixture
def labelled(open_project, oracle):
    """Six of 90 rows labelled, one skipped."""
    project = open_project()
    batch = project.ask(7)
    answers = oracle(batch)
    answers[batch.ids[-1]] = Skip("blurred")
    project.tell(batch.id, answers)
    return project, {item: label for item, label in answers.items() if isinstance(label, str)}


def text(project, form):
    return "".join(project.export(form))


def test_every_format_holds_every_label(labelled):
    project, answers = labelled
    lines = [json.loads(line) for line in text(project, "jsonl").splitlines()]
    assert len(lines) == 90
    assert {line["id"]: line["label"] for line in lines if "label" in line} == answers
    table = list(csv.DictReader(io.StringIO(text(project, "csv"), newline="")))
    assert {row["id"]: row["label"] for row in table if row["label"]} == answers
    assert [row["state"] for row in table].count("skipped") == 1
    coco = json.loads(text(project, "coco"))
    names = {category["id"]: category["name"] for category in coco["categories"]}
    items = {image["id"]: image["item"] for image in coco["images"]}
    assert {items[one["image_id"]]: names[one["category_id"]] for one in coco["annotations"]} == answers
    tasks = json.loads(text(project, "label-studio"))
    said = {
        task["data"]["alaas_id"]: annotation["result"][0]["value"]["choices"]
        for task in tasks
        for annotation in task["annotations"]
        if annotation["result"]
    }
    assert said == {item: [label] for item, label in answers.items()}


def test_a_format_that_is_not_there_is_named(labelled):
    with pytest.raises(UnknownNameError, match="jsonl"):
        labelled[0].export("jsnl")


def test_an_exported_csv_begins_another_project_with_the_same_labels(labelled, tmp_path, store):
    project, answers = labelled
    rows = [
        {"id": item.id, **item.row, "label": answers.get(item.id, "")}
        for item in project.store.items("trees", limit=90)
    ]
    path = tmp_path / "again.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    config = {
        "name": "again",
        "modality": "table",
        "source": {"uri": str(path), "label_column": "label"},
        "task": {"classes": ["ash", "beech", "cedar"]},
    }
    with Project.open(Config.model_validate(config), store=store) as again:
        assert again.status().labels == len(answers)
        assert again.status().balance == project.status().balance


def test_conflicts_are_listed_however_many_they_are(open_project):
    project = open_project(labelling={"annotators": 2})
    project.add([Item(id=f"more{number}", row={"height": float(number)}) for number in range(2400)])
    ids = [f"more{number}" for number in range(2400)]
    project.tell(None, dict.fromkeys(ids, "ash"), annotator="ann")
    project.tell(None, dict.fromkeys(ids, "beech"), annotator="ben")
    found = project.conflicts()
    assert [conflict.id for conflict in found] == ids
    assert {tuple(sorted(conflict.answers.items())) for conflict in found} == {
        (("ann", "ash"), ("ben", "beech"))
    }
    project.tell(None, {"more7": "cedar"}, annotator="cem", final=True)
    assert len(project.conflicts()) == 2399


@pytest.fixture
def colours(tmp_path, store):
    """A project over pictures, with a model that sees mean colours."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(20):
        colour = np.array([220, 40, 40] if number % 2 else [40, 40, 220])
        shades = np.clip(colour + rng.normal(scale=8, size=(8, 8, 3)), 0, 255).astype(np.uint8)
        Pillow.fromarray(shades).save(folder / f"{number}.png")
    config = {
        "name": "colours",
        "modality": "image",
        "source": str(folder),
        "model": {
            "name": str(write_image_model(tmp_path / "model.onnx")),
            "preprocess": {"size": 8, "resize": "squash"},
            "outputs": {"embeddings": "features", "logits": "logits"},
        },
        "cache": {"directory": str(tmp_path / "features")},
    }
    with Project.open(Config.model_validate(config), store=store) as project:
        yield project


def colour(batch):
    return {item: "red" if int(item.removesuffix(".png")) % 2 else "blue" for item in batch.ids}


def opened(content):
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    return session, {name: json.loads(said) for name, said in facts.items() if name.startswith("alaas.")}


def test_the_model_says_what_the_project_says_and_whose_it_is(colours):
    with pytest.raises(RoundNotFoundError):
        colours.model()
    colours.run(colour, rounds=2, k=5)
    session, facts = opened(colours.model())
    assert (facts["alaas.project"], facts["alaas.round"]) == ("colours", 2)
    assert opened(colours.model(round=1))[1]["alaas.round"] == 1
    items = [item.item for item in colours.store.items("colours")][:6]
    encoder = colours._pool.table.encoder
    paths = [Path(item.uri.removeprefix("file://")) for item in items]
    fetched = [encoder.modality.decode(path.read_bytes()) for path in paths]
    feed = {session.get_inputs()[0].name: encoder.modality.collate(fetched)["images"]}
    found = session.run(["probabilities"], feed)[0]
    said = [[one.probabilities[name] for name in facts["alaas.classes"]] for one in colours.predict(items)]
    np.testing.assert_allclose(found, said, atol=1e-5)


@pytest.mark.models
def test_a_text_model_is_taken_along_with_its_tokenizer(tmp_path, store):
    good, bad = ("A wonderful film, warm and clever.", "A dull film, I wanted to leave.")
    texts = [f"{good if number % 2 else bad} Seen on day {number}." for number in range(16)]
    config = {
        "name": "reviews",
        "modality": "text",
        "model": "minilm-l6",
        "cache": {"directory": str(tmp_path / "features")},
    }
    with Project.open(Config.model_validate(config), store=store) as project:
        project.add([Item(id=str(number), text=said) for number, said in enumerate(texts)])
        batch = project.ask(8)
        project.tell(batch.id, {item: "good" if int(item) % 2 else "bad" for item in batch.ids})
        project.retrain()
        session, facts = opened(project.model())
        assert facts["alaas.round"] == 1
        assert "tokenizer" in facts["alaas.preprocessing"]
        encoder = project._pool.table.encoder
        inputs = encoder.modality.collate([encoder.modality.decode(said.encode()) for said in texts[:4]])
        wanted = {value.name for value in session.get_inputs()}
        feed = {name: array for name, array in inputs.items() if name in wanted}
        found = session.run(["probabilities"], feed)[0]
        predicted = project.predict([Item(id=str(n), text=said) for n, said in enumerate(texts[:4])])
        said = [[one.probabilities[name] for name in facts["alaas.classes"]] for one in predicted]
        np.testing.assert_allclose(found, said, atol=1e-4)
