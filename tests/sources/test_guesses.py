"""What a source seems to hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from alaas.config import SourceSettings
from alaas.errors import SourceError
from alaas.fetching import Fetcher
from alaas.sources import guess_modality


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("photos/", "image"),
        ("reviews.txt", "text"),
        ("https://example.org/reviews.txt?x=1", "text"),
        ("https://example.org/a.jpg", "image"),
        ("s3://bucket/photos/", "image"),
        ("s3://bucket/texts/*.md", "text"),
        ("m.csv", None),
        (["a.txt", "b.txt"], "text"),
        (["a.jpg"], "image"),
        ([], None),
    ],
)
def test_names_tell(uri: str | list[str], expected: str | None) -> None:
    assert guess_modality(SourceSettings(uri=uri)) == expected


def test_the_settings_tell() -> None:
    assert guess_modality(SourceSettings(uri="x/", extensions=["md"])) == "text"
    assert guess_modality(SourceSettings(uri="x/", extensions=[".PNG"])) == "image"


def test_the_first_known_file_of_a_folder_tells(tmp_path: Path, fetcher: Fetcher) -> None:
    assert guess_modality(SourceSettings(uri=str(tmp_path)), fetcher) == "image"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "b.txt").touch()
    (tmp_path / "a.xyz").touch()
    assert guess_modality(SourceSettings(uri=str(tmp_path)), fetcher) == "text"
    assert guess_modality(SourceSettings(uri=f"{tmp_path}/**"), fetcher) == "text"
    assert guess_modality(SourceSettings(uri=str(tmp_path), recursive=False), fetcher) == "image"
    (tmp_path / "a.jpg").touch()
    assert guess_modality(SourceSettings(uri=str(tmp_path)), fetcher) == "image"


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("m.csv", "id,uri\n", "image"),
        ("m.csv", "id,text\n", "text"),
        ("m.csv", "uri,text\n", "text"),
        ("m.csv", "", None),
        ("m.jsonl", '{"uri": "a"}\n', "image"),
        ("m.jsonl", 'nonsense\n{"text": "a"}\n', "text"),
    ],
)
def test_the_columns_of_a_manifest_tell(
    tmp_path: Path, fetcher: Fetcher, name: str, body: str, expected
) -> None:
    (tmp_path / name).write_text(body, encoding="utf-8")
    assert guess_modality(SourceSettings(uri=str(tmp_path / name)), fetcher) == expected


def test_a_manifest_of_neither_says_how_to_go_on(tmp_path: Path, fetcher: Fetcher) -> None:
    (tmp_path / "m.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError, match="modality: table"):
        guess_modality(SourceSettings(uri=str(tmp_path / "m.csv")), fetcher)


def test_columns_of_other_names_tell_too(tmp_path: Path, fetcher: Fetcher) -> None:
    (tmp_path / "m.csv").write_text("body\nhello\n", encoding="utf-8")
    assert guess_modality(SourceSettings(uri=str(tmp_path / "m.csv"), text_column="body"), fetcher) == "text"
