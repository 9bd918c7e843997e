"""CSV, TSV, JSONL, Parquet and text files."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest

from alaas.config import EgressSettings, LimitSettings
from alaas.errors import EgressError, MissingExtraError, SourceError
from alaas.fetching import open_fetcher
from alaas.sources import Source
from alaas.testing.sources import SourceSuite
from alaas.types import FailedItem, Item
from scripted_server import answer, serving

ROWS = [
    {"id": "a", "uri": "x/1.jpg", "cost": 2.5, "place": "Köln"},
    {"id": "b", "uri": "/abs/2.jpg", "cost": None, "place": "北京"},
    {"id": None, "uri": "https://example.org/3.jpg?a=b", "cost": 0, "place": "a,b\n\"c\""},
    {"id": "d", "uri": "s3://bucket/4.jpg", "cost": 1, "place": ""},
]  # fmt: skip
FORMATS = ["csv", "tsv", "jsonl", "ndjson", "parquet"]


def write(path: Path, rows: list[dict]) -> Path:
    if path.suffix == ".parquet":
        pyarrow = pytest.importorskip("pyarrow")
        from pyarrow import parquet

        parquet.write_table(pyarrow.Table.from_pylist(rows), path, row_group_size=2)
    elif path.suffix in (".jsonl", ".ndjson"):
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n\n", encoding="utf-8")
    else:
        import csv

        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], delimiter="\t" if path.suffix == ".tsv" else ",")
            writer.writeheader()
            writer.writerows(rows)
    return path


def failures(source: Source) -> dict[str, str]:
    return {entry.id: entry.reason for entry in source if isinstance(entry, FailedItem)}


@pytest.mark.parametrize("ending", FORMATS)
class TestManifest(SourceSuite):
    @pytest.fixture(autouse=True)
    def _manifest(self, ending: str, tmp_path: Path, opened) -> None:
        path = write(tmp_path / f"m.{ending}", [*ROWS, {**ROWS[0], "id": "bad", "cost": -1}])
        self.make = lambda: opened(path, "image")


class TestLines(SourceSuite):
    @pytest.fixture(autouse=True)
    def _lines(self, tmp_path: Path, opened) -> None:
        (tmp_path / "m.txt").write_text("one\n\ntwo\nthree", encoding="utf-8")
        self.make = lambda: opened(tmp_path / "m.txt", "text")


@pytest.mark.parametrize("ending", FORMATS)
def test_what_columns_mean(tmp_path: Path, opened, ending: str) -> None:
    items = list(opened(write(tmp_path / f"m.{ending}", ROWS), "image"))
    assert [item.id for item in items] == ["a", "b", "row-3", "d"]
    assert [item.uri for item in items] == [
        f"{tmp_path}/x/1.jpg", "/abs/2.jpg", "https://example.org/3.jpg?a=b", "s3://bucket/4.jpg",
    ]  # fmt: skip
    assert [item.cost for item in items] == [2.5, 1.0, 0.0, 1.0]
    assert [item.metadata for item in items] == [{"place": row["place"]} for row in ROWS]


@pytest.mark.parametrize("ending", FORMATS)
def test_columns_have_other_names_by_settings(tmp_path: Path, opened, ending: str) -> None:
    rows = [{"key": "k1", "body": "hello", "price": 3, "lang": "en", "rest": "r"}]
    path = write(tmp_path / f"m.{ending}", rows)
    (item,) = opened(
        path, "text", id_column="key", text_column="body", cost_column="price", metadata_columns=["lang"]
    )
    assert item == Item(id="k1", text="hello", cost=3.0, metadata={"lang": "en"})


@pytest.mark.parametrize("ending", FORMATS)
def test_every_row_of_a_table_is_an_item(tmp_path: Path, opened, ending: str) -> None:
    rows = [
        {"id": "a", "x": 1.5, "kind": "cat", "label": "l"},
        {"id": "b", "x": 2.5, "kind": "dog", "label": "m"},
    ]
    first, second = opened(write(tmp_path / f"m.{ending}", rows), "table", metadata_columns=["label"])
    assert first.id == "a"
    assert {name: str(cell) for name, cell in first.row.items()} == {"x": "1.5", "kind": "cat"}
    assert second.metadata == {"label": "m"}
    assert first.uri is None


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize(
    ("modality", "wanted", "near"),
    [("image", "uri", "'url'"), ("text", "text", "'texts'"), (None, "uri", "'url'")],
)
def test_a_missing_column_names_the_nearest(
    tmp_path: Path, opened, ending: str, modality, wanted: str, near: str
) -> None:
    path = write(tmp_path / f"m.{ending}", [{"url": "a.jpg", "texts": "b", "id": "c"}])
    with pytest.raises(SourceError) as caught:
        list(opened(path, modality))
    message = caught.value.message
    assert f"no column {wanted}" in message
    assert f"did you mean {near}" in message
    assert "known: id, texts, url" in message


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize(
    "setting", [{"id_column": "idd"}, {"cost_column": "prize"}, {"metadata_columns": ["place", "plaice"]}]
)
def test_a_column_that_the_settings_name_has_to_be_there(
    tmp_path: Path, opened, ending: str, setting
) -> None:
    with pytest.raises(SourceError, match=f"source.{next(iter(setting))}"):
        list(opened(write(tmp_path / f"m.{ending}", ROWS), "image", **setting))


def test_bad_rows_are_reported_with_their_line(tmp_path: Path, opened) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        'id,uri,cost\na,1.jpg,1\n\nb,2.jpg\nc,3.jpg,1,1\nd,,1\ne,"5\n.jpg",x\nf,6.jpg,-1\ng,7.jpg,nan\n'
        'h,8.jpg,inf\ni, ,1\nj,9.jpg,1e3\n',
        encoding="utf-8",
    )  # fmt: skip
    source = opened(path, "image")
    assert [entry.id for entry in source if isinstance(entry, Item)] == ["a", "j"]
    found = failures(source)
    assert found["row-2"] == "line 4: it has 2 cells, the header has 3"
    assert found["row-3"] == "line 5: it has 4 cells, the header has 3"
    assert found["d"].startswith("line 6: column 'uri' holds ''")
    assert found["e"] == "line 8: the cost 'x' is not a number of at least 0"
    assert set(found) == {"row-2", "row-3", "d", "e", "f", "g", "h", "i"}


def test_bad_json_rows_are_reported_with_their_line(tmp_path: Path, opened) -> None:
    path = tmp_path / "m.jsonl"
    lines = [
        "nonsense",
        '{"uri": "a.jpg"}',
        "",
        "[1]",
        '{"uri": 3}',
        '{"text": "b"}',
        '{"uri": "c.jpg", "cost": true}',
        "[" * 100_000,
        '{"uri": "d.jpg", "more": {"deep": [1]}}',
        '{"uri": null}',
        '{"uri": ' + "9" * 5000 + "}",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    source = opened(path, "image")
    items = [entry for entry in source if isinstance(entry, Item)]
    assert [item.id for item in items] == ["row-2", "row-8"]
    assert items[1].metadata == {"more": {"deep": [1]}}
    found = failures(source)
    assert found["row-1"].startswith("line 1: it is not JSON")
    assert found["row-3"].startswith("line 4: it is not a JSON object")
    assert set(found) == {f"row-{n}" for n in (1, 3, 4, 5, 6, 7, 9, 10)}


def test_a_quote_that_is_never_closed_costs_its_rows_only(tmp_path: Path, opened) -> None:
    path = tmp_path / "m.csv"
    path.write_text("uri\na.jpg\n" + '"' + "x" * 140_000 + "\nb.jpg\nc.jpg\n", encoding="utf-8")
    source = opened(path, "image")
    assert len(failures(source)) >= 1
    assert next(iter(source)).uri.endswith("a.jpg")


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "txt"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE),
     ("utf-16-be", codecs.BOM_UTF16_BE), ("utf-32-le", codecs.BOM_UTF32_LE)],
)  # fmt: skip
def test_encodings_with_a_mark_are_read(
    tmp_path: Path, opened, ending: str, encoding: str, mark: bytes
) -> None:
    body = {"jsonl": '{"text": "grüße 😀"}\r\n', "txt": "grüße 😀\r\n"}.get(ending, "text\r\ngrüße 😀\r\n")
    (tmp_path / f"m.{ending}").write_bytes(mark + body.encode(encoding))
    assert [item.text for item in opened(tmp_path / f"m.{ending}", "text")] == ["grüße 😀"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "txt"])
@pytest.mark.parametrize(
    "body", ["text\nhello\n".encode("utf-16-le"), b"text\ngr\xfc\xdfe\n", b"\xff\xd8\xff\xe0JFIF"]
)
def test_other_encodings_are_an_error_that_says_so(tmp_path: Path, opened, ending: str, body: bytes) -> None:
    (tmp_path / f"m.{ending}").write_bytes(body)
    with pytest.raises(SourceError, match="UTF-8"):
        list(opened(tmp_path / f"m.{ending}", "text"))


def test_lines_are_texts_and_for_images_uris(tmp_path: Path, opened) -> None:
    (tmp_path / "m.txt").write_text("  a.jpg \n\n \t\nhttps://example.org/b.jpg\r\nc", encoding="utf-8")
    texts = list(opened(tmp_path / "m.txt", "text"))
    assert [(item.id, item.text) for item in texts] == [
        ("line-1", "a.jpg"), ("line-4", "https://example.org/b.jpg"), ("line-5", "c"),
    ]  # fmt: skip
    uris = [item.uri for item in opened(tmp_path / "m.txt", "image")]
    assert uris == [f"{tmp_path}/a.jpg", "https://example.org/b.jpg", f"{tmp_path}/c"]
    with pytest.raises(SourceError, match="table"):
        list(opened(tmp_path / "m.txt", "table"))


@pytest.mark.parametrize("name", ["m.csv", "m.jsonl", "m.txt", "m.tsv"])
@pytest.mark.parametrize("body", [b"", b"\n\n", codecs.BOM_UTF8])
def test_an_empty_file_yields_nothing(tmp_path: Path, opened, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    assert list(opened(tmp_path / name, "text")) == []


def test_a_header_alone_yields_nothing_and_two_like_columns_are_refused(tmp_path: Path, opened) -> None:
    (tmp_path / "m.csv").write_text(" uri ,id\n", encoding="utf-8")
    assert list(opened(tmp_path / "m.csv", "image")) == []
    (tmp_path / "m.csv").write_text("uri,uri\na,b\n", encoding="utf-8")
    with pytest.raises(SourceError, match="two columns 'uri'"):
        list(opened(tmp_path / "m.csv", "image"))


def test_parquet_values_become_plain(tmp_path: Path, opened) -> None:
    import datetime
    import decimal

    row = {
        "uri": "a.jpg",
        "when": datetime.date(2024, 5, 1),
        "price": decimal.Decimal("1.50"),
        "raw": b"x",
        "n": 7,
    }
    (item,) = opened(write(tmp_path / "m.parquet", [row]), "image")
    assert json.loads(json.dumps(item.metadata)) == {"when": "2024-05-01", "price": 1.5, "raw": "x", "n": 7}
    assert opened(tmp_path / "m.parquet", "image").total == 1


@pytest.mark.parametrize("keep", [0, 4, 100, -30])
def test_damaged_parquet(tmp_path: Path, opened, keep: int) -> None:
    content = write(tmp_path / "m.parquet", ROWS * 50).read_bytes()
    (tmp_path / "m.parquet").write_bytes(content[:keep])
    with pytest.raises(SourceError, match="Parquet"):
        list(opened(tmp_path / "m.parquet", "image"))


def test_parquet_without_its_package(tmp_path: Path, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "m.parquet", ROWS)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"alaas\[parquet\]"):
        list(opened(path, "image"))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_manifest_on_the_web(tmp_path: Path, opened, ending: str) -> None:
    content = write(tmp_path / f"m.{ending}", ROWS).read_bytes()
    routes = {f"/data/m.{ending}": [answer(b"", "500 Oops"), answer(content)]}
    with serving(routes) as server:
        source = opened(f"{server.url}/data/m.{ending}?token=1", "image")
        assert source.remote
        uris = [item.uri for item in source]
        assert uris[:2] == [f"{server.url}/data/x/1.jpg", f"{server.url}/abs/2.jpg"]
        assert [item.uri for item in source] == uris
        assert len(server.requests) == 2  # one failed, one fetched: a second reading fetches nothing


def test_a_manifest_on_the_web_that_is_not_there(opened) -> None:
    with serving({}) as server, pytest.raises(SourceError, match="404"):
        list(opened(f"{server.url}/m.csv", "image"))
    with pytest.raises(EgressError):
        list(opened("http://10.0.0.1/m.csv", "image"))


def test_a_manifest_outside_the_roots(tmp_path: Path, opened) -> None:
    write(tmp_path / "m.csv", ROWS)
    stranger = open_fetcher(EgressSettings(), LimitSettings(), trusted=False)
    with pytest.raises(EgressError):
        opened(tmp_path / "m.csv", "image", through=stranger)


@pytest.mark.slow
def test_a_million_rows_are_streamed(tmp_path: Path) -> None:
    """In a process of its own, so that its peak of memory is that of reading alone."""
    import subprocess
    import sys

    path = tmp_path / "m.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("id,uri,cost,place\n")
        file.writelines(f"item-{n},images/{n}.jpg,1.5,somewhere\n" for n in range(1_000_000))
    script = (
        "import resource, sys\n"
        "from alaas.config import EgressSettings, LimitSettings, SourceSettings\n"
        "from alaas.fetching import open_fetcher\n"
        "from alaas.sources import open_source\n"
        "fetcher = open_fetcher(EgressSettings(), LimitSettings(), trusted=True)\n"
        "source = open_source(SourceSettings(uri=sys.argv[1]), modality='image', fetcher=fetcher)\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "next(iter(source))\n"
        "before = peak()\n"
        "print(sum(1 for _ in source), peak() - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    count, grown = map(int, done.stdout.split())
    assert count == 1_000_000
    assert grown < 4_000  # kilobytes
