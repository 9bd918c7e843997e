"""What is exported can be read by others, loses nothing, and keeps its numbers."""

import contextlib
import csv
import io
import itertools
import json
import tracemalloc

import pytest

from alaas.config import EgressSettings, LimitSettings, SourceSettings
from alaas.errors import UnknownNameError, UsageError
from alaas.fetching import open_fetcher
from alaas.projects._export import MEDIA_TYPES, ExportRow, _coco, export
from alaas.sources import open_source
from alaas.stores import AnswerRow, ItemRow

CLASSES = ("cat", "Hündchen 🐕", 'a "quoted", one')


def answer(item, number, annotator, value=None, *, kind="label", sequence=1, **more):
    given = {"reason": None, "batch": None, "final": False, "at": 1_700_000_000.25} | more
    return AnswerRow(
        sequence=sequence, item=item, number=number, annotator=annotator, kind=kind, value=value, **given
    )


def row(number, *, name=None, label=None, state="pool", answers=(), **more):
    item = ItemRow(number=number, id=name or f"i{number}", state=state, label=label, **more)
    return ExportRow(item=item, answers=tuple(answers))


ROWS = [
    row(
        0,
        name="päth/é,1.png",
        uri="file:///photos/päth/é,1.png",
        label=CLASSES[1],
        state="labelled",
        answers=[
            answer("päth/é,1.png", 0, "ann", CLASSES[1], sequence=1, batch="b1"),
            answer("päth/é,1.png", 0, "bob", CLASSES[1], sequence=4),
        ],
    ),
    row(
        1,
        text='line one\nline "two", with ; and \u2028',
        state="conflict",
        answers=[
            answer("i1", 1, "ann", CLASSES[0], sequence=2),
            answer("i1", 1, "bob", CLASSES[2], sequence=3, final=True),
        ],
    ),
    row(2, uri="s3://b/2", state="skipped", answers=[answer("i2", 2, "ann", kind="skip", reason="blurred")]),
    row(3, uri="s3://b/3", state="pool", answers=[answer("i3", 3, "ann", kind="unsure", sequence=6)]),
    row(4, uri="s3://b/4", answers=[answer("i4", 4, "ann", kind="defer", sequence=7)]),
    row(5, row={"size": 1.5, "gap": float("nan"), "name": "é"}, metadata={"split": "a"}, cost=2.5),
    row(6, uri="data:image/png;base64,AAAA", role="validation", label=CLASSES[0], state="labelled"),
    row(7, uri="s3://b/7", state="failed", reason="not a picture"),
]

MULTI = [
    row(0, uri="u:0", label=("a", "b"), state="labelled", answers=[answer("i0", 0, "ann", ("a", "b"))]),
    row(1, uri="u:1", label=(), state="labelled", answers=[answer("i1", 1, "ann", (), sequence=2)]),
    row(2, uri="u:2"),
]


def text(form, rows=ROWS, classes=CLASSES):
    return "".join(export(form, "pets", classes, iter(rows)))


def test_jsonl_holds_everything_that_is_known():
    lines = [json.loads(line) for line in text("jsonl").split("\n")[:-1]]
    assert [line["id"] for line in lines] == [one.item.id for one in ROWS]
    assert [line["state"] for line in lines] == [one.item.state for one in ROWS]
    assert [line.get("label") for line in lines] == [one.item.label for one in ROWS]
    assert lines[0]["answers"][0] == {
        "annotator": "ann",
        "kind": "label",
        "label": CLASSES[1],
        "batch": "b1",
        "final": False,
        "at": "2023-11-14T22:13:20.250000Z",
        "sequence": 1,
    }
    assert lines[1]["text"] == ROWS[1].item.text
    assert lines[2]["answers"][0]["reason"] == "blurred"
    assert [line["answers"][0]["kind"] for line in lines[2:5]] == ["skip", "unsure", "defer"]
    assert lines[5]["row"] == {"size": 1.5, "gap": None, "name": "é"}
    assert (lines[5]["cost"], lines[5]["metadata"]) == (2.5, {"split": "a"})
    assert lines[7]["reason"] == "not a picture"


def test_several_labels_and_none_at_all_are_told_apart_from_no_label():
    lines = [json.loads(line) for line in text("jsonl", MULTI).splitlines()]
    assert [line.get("label") for line in lines] == [["a", "b"], [], None]


def test_csv_can_be_read_back():
    found = list(csv.DictReader(io.StringIO(text("csv"), newline="")))
    assert [line["id"] for line in found] == [one.item.id for one in ROWS]
    assert [line["label"] for line in found] == [one.item.label or "" for one in ROWS]
    assert [line["state"] for line in found] == [one.item.state for one in ROWS]
    assert found[1]["text"] == ROWS[1].item.text
    assert json.loads(found[5]["row"])["size"] == 1.5
    assert [line["answers"] for line in found] == ["2", "2", "0", "0", "0", "0", "0", "0"]
    multi = list(csv.DictReader(io.StringIO(text("csv", MULTI))))
    assert [(line["label"], line["state"]) for line in multi] == [
        ("a;b", "labelled"),
        ("", "labelled"),
        ("", "pool"),
    ]


def test_csv_refuses_classes_that_it_could_not_tell_apart():
    with pytest.raises(UsageError, match="export as jsonl"):
        text("csv", [row(0, label=("a;b", "c"), state="labelled")])
    assert "a;b" in text("csv", [row(0, label="a;b", state="labelled")])


def test_an_exported_csv_is_a_manifest(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text(text("csv", [*ROWS[:1], *ROWS[2:4]]), encoding="utf-8")
    settings = SourceSettings(uri=str(path), label_column="label")
    with contextlib.closing(open_fetcher(EgressSettings(), LimitSettings(), trusted=True)) as fetcher:
        items = list(open_source(settings, modality="image", fetcher=fetcher))
    assert [(item.id, item.label) for item in items] == [
        (ROWS[0].item.id, CLASSES[1]),
        ("i2", None),
        ("i3", None),
    ]


def test_coco_has_images_categories_and_annotations_that_fit_together():
    found = json.loads(text("coco"))
    names = {category["id"]: category["name"] for category in found["categories"]}
    assert names == dict(enumerate(CLASSES, start=1))
    items = {image["id"]: image["item"] for image in found["images"]}
    assert list(items.values()) == [one.item.id for one in ROWS]
    labels = {items[one["image_id"]]: names[one["category_id"]] for one in found["annotations"]}
    assert labels == {"päth/é,1.png": CLASSES[1], "i6": CLASSES[0]}
    files = [image["file_name"] for image in found["images"]]
    assert files[0] == "file:///photos/päth/é,1.png"
    assert (files[1], files[6]) == ("i1", "i6"), "neither a text nor a picture's bytes are a file's name"
    assert found["images"][2]["state"] == "skipped"
    assert found["info"]["description"] == "pets"


def test_coco_numbers_stay_when_labels_items_and_classes_are_added():
    before = json.loads(text("coco", MULTI[:1], ("a", "b")))
    grown = [MULTI[0], row(1, label=("a", "new", "unlisted"), state="labelled"), row(2, label=("b",))]
    after = json.loads(text("coco", grown, ("a", "b", "new")))
    for part in ("images", "annotations", "categories"):
        assert after[part][: len(before[part])] == before[part]
        numbers = [one["id"] for one in after[part]]
        assert len(set(numbers)) == len(numbers)
    assert [category["name"] for category in after["categories"]] == ["a", "b", "new", "unlisted"]


def test_label_studio_keeps_who_said_what_of_which_item():
    tasks = json.loads(text("label-studio"))
    said = {
        (task["data"]["alaas_id"], result["meta"]["annotator"]): result["value"]["choices"]
        for task in tasks
        for annotation in task["annotations"]
        for result in annotation["result"]
    }
    assert said == {
        ("päth/é,1.png", "ann"): [CLASSES[1]],
        ("päth/é,1.png", "bob"): [CLASSES[1]],
        ("i1", "ann"): [CLASSES[0]],
        ("i1", "bob"): [CLASSES[2]],
    }
    truth = [(a["ground_truth"], a["was_cancelled"]) for task in tasks[:4] for a in task["annotations"]]
    assert truth == [(False, False)] * 3 + [(True, False)] + [(False, True)] * 2
    assert [annotation["meta"]["kind"] for annotation in tasks[2]["annotations"]] == ["skip"]
    assert tasks[4]["annotations"] == [], "what was put off is no annotation"
    assert tasks[1]["data"] == {"alaas_id": "i1", "text": ROWS[1].item.text}
    assert [task["id"] for task in tasks] == [one.item.number + 1 for one in ROWS]
    multi = json.loads(text("label-studio", MULTI))
    assert [task["annotations"][0]["result"][0]["value"]["choices"] for task in multi[:2]] == [["a", "b"], []]


@pytest.mark.parametrize("form", sorted(MEDIA_TYPES))
def test_a_project_without_items_gives_a_sound_file(form):
    found = text(form, [])
    if MEDIA_TYPES[form] == "application/json":
        json.loads(found)
    else:
        assert found.count("\n") == (form == "csv")


@pytest.mark.parametrize("form", sorted(MEDIA_TYPES))
def test_the_same_rows_give_the_same_text(form):
    assert text(form) == text(form)


def test_an_unknown_format_is_refused_before_anything_is_read():
    def rows():
        raise AssertionError("read")
        yield

    with pytest.raises(UnknownNameError, match="did you mean 'label-studio'"):
        export("label_studo", "pets", CLASSES, rows())


@pytest.mark.parametrize("form", sorted(MEDIA_TYPES))
def test_memory_does_not_grow_with_the_items(form):
    uri = "s3://bucket/" + "x" * 4000
    said = [answer("i", 0, "ann", "cat")]
    rows = (row(number, uri=uri, label="cat", state="labelled", answers=said) for number in range(3000))
    tracemalloc.start()
    written = sum(len(piece) for piece in export(form, "pets", CLASSES, rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert written > 12_000_000 > 3_000_000 > peak


def test_annotations_that_wait_on_disk_are_the_same(monkeypatch):
    rows = [row(number, label=CLASSES[number % 3], state="labelled") for number in range(200)]
    expected = text("coco", rows)
    monkeypatch.setattr(_coco, "_IN_MEMORY", 100)
    assert text("coco", rows) == expected


def test_pieces_come_while_rows_are_still_being_read():
    endless = (row(number, text="x" * 1000) for number in itertools.count())
    pieces = export("jsonl", "pets", CLASSES, endless)
    assert len(next(pieces)) >= 1 << 16
    pieces.close()
