"""``alaas select``: what it prints, writes and says."""

import contextlib
import csv
import json
import os
import pty
import subprocess
import sys

import pytest

from alaas.protocol import SelectionBody


def no_constant(name: str) -> float:
    raise AssertionError(f"{name} is no JSON")


def test_json_has_exactly_the_promised_keys(run, photos, model):
    (photos / "broken.jpg").write_bytes(b"not a picture")
    ended = run("select", "photos", "--budget", 3, *model, "--strategy", "k_means", "--json")
    assert (ended.code, ended.err) == (0, "")
    body = json.loads(ended.out, parse_constant=no_constant)
    assert set(body) == {"selected", "failed", "stats", "warnings", "provenance"}
    assert [set(pick) for pick in body["selected"]] == [{"id", "uri", "score", "rank"}] * 3
    assert [pick["rank"] for pick in body["selected"]] == [0, 1, 2]
    assert [(set(bad), bad["id"]) for bad in body["failed"]] == [({"id", "uri", "reason"}, "broken.jpg")]
    assert set(body["stats"]) >= {"items", "seconds", "items_per_second", "cache_hits", "stages"}
    assert body["stats"]["items"] == 9
    SelectionBody.model_validate(body)


def test_a_strategy_without_scores_gives_null_and_never_nan(run, photos):
    body = json.loads(
        run("select", "photos", "-b", 2, "-s", "random", "--json").out, parse_constant=no_constant
    )
    assert [pick["score"] for pick in body["selected"]] == [None, None]


def test_a_second_query_runs_no_model_unless_told_to(run, photos, model):
    def hits(*more):
        body = json.loads(run("select", "photos", "-b", 2, *model, "-s", "k_means", "--json", *more).out)
        return body["stats"]["cache_hits"]

    assert [hits(), hits(), hits("--no-cache"), hits()] == [0, 8, 0, 8]


def test_the_seed_decides(run, photos):
    def ids(seed):
        out = run("select", "photos", "-b", 4, "-s", "random", "--seed", seed, "--json").out
        return [pick["id"] for pick in json.loads(out)["selected"]]

    assert ids(1) == ids(1) != ids(2)


def test_people_get_a_table_on_stdout_and_how_it_went_on_stderr(run, photos):
    (photos / "broken.jpg").write_bytes(b"not a picture")
    ended = run("select", "photos", "-b", 2, "-s", "random")
    header, *rows = ended.out.splitlines()
    assert header.split() == ["rank", "score", "id"]
    assert [row.split()[0] for row in rows] == ["0", "1"]
    assert "2 of 9 items chosen in" in ended.err
    assert "slowest stage" in ended.err
    assert "skipped broken.jpg: not an image" in ended.err


def test_many_failures_are_summarised(run, photos):
    for number in range(9):
        (photos / f"bad{number}.jpg").write_bytes(b"%d" % number)
    said = run("select", "photos", "-b", 2, "-s", "random").err
    assert said.count("skipped bad") == 5
    assert "4 more skipped" in said


def test_texts_are_shown_and_long_ids_are_not_cut(run, tmp_path):
    long = "x" * 300
    (tmp_path / "texts.csv").write_text(f"id,text\n{long},{'word ' * 100}\n")
    header, row = run(
        "select", "texts.csv", "-b", 1, "-s", "random", "--set", "source.id_column=id"
    ).out.splitlines()
    assert header.split() == ["rank", "score", "id", "text"]
    assert long in row
    assert row.endswith("…")


def test_control_characters_do_not_reach_the_terminal(run, tmp_path):
    (tmp_path / "texts.jsonl").write_text('{"id": "a\\u001b[31m\\nb", "text": "x\\u0007y"}\n')
    out = run("select", "texts.jsonl", "-b", 1, "-s", "random").out
    assert "\x1b" not in out
    assert "\x07" not in out
    assert len(out.splitlines()) == 2


def test_several_sources_are_items(run, photos):
    out = run("select", "photos/0.png", "photos/1.png", "photos/2.png", "-b", 2, "-s", "random", "--json").out
    body = json.loads(out)
    assert body["stats"]["items"] == 3
    assert {pick["uri"] for pick in body["selected"]} < {f"photos/{number}.png" for number in range(3)}


def test_a_budget_beyond_the_pool_gives_everything_and_says_so(run, photos):
    ended = run("select", "photos", "-b", 100, "-s", "random", "--json")
    body = json.loads(ended.out)
    assert len(body["selected"]) == 8
    assert "larger than the pool" in body["warnings"][0]
    assert "larger than the pool" in ended.sentence


@pytest.mark.parametrize("ending", [".json", ".jsonl", ".csv"])
def test_the_result_goes_to_a_file(run, photos, tmp_path, ending):
    ended = run("select", "photos", "-b", 2, "-s", "random", "-o", f"out{ending}")
    assert (ended.code, ended.out) == (0, "")
    text = (tmp_path / f"out{ending}").read_text(encoding="utf-8")
    if ending == ".json":
        picks = json.loads(text)["selected"]
    elif ending == ".jsonl":
        picks = [json.loads(line) for line in text.splitlines()]
    else:
        picks = list(csv.DictReader(text.splitlines()))
    assert [str(pick["rank"]) for pick in picks] == ["0", "1"]
    assert all((photos / pick["id"]).is_file() for pick in picks)


@pytest.mark.parametrize(
    ("name", "message"), [("out.txt", "expects a file ending in"), ("no/out.csv", "no folder no")]
)
def test_a_file_that_cannot_be_written_is_refused_before_the_work(run, photos, name, message):
    ended = run("select", "photos", "-b", 2, "-s", "random", "-o", name)
    assert ended.code == 2
    assert message in ended.sentence


def test_a_file_and_options_come_together(run, photos, tmp_path):
    (tmp_path / "alaas.yaml").write_text("source: photos\nbudget: 5\nstrategy: random\n")
    body = json.loads(run("select", "-c", "alaas.yaml", "-b", 2, "--set", "seed=7", "--json").out)
    assert len(body["selected"]) == 2
    assert body["provenance"]["seed"] == 7


def test_a_file_of_the_original_says_what_has_no_meaning(run, photos, tmp_path):
    (tmp_path / "old.yml").write_text(
        "active_learning: {strategy: {type: RandomSampling}, al_worker: {host: 0.0.0.0, replicas: 2}}\n"
    )
    ended = run("select", "photos", "-b", 2, "-c", "old.yml", "--json")
    assert len(json.loads(ended.out)["selected"]) == 2
    assert "replicas: 2 has no meaning" in ended.err
    assert "listening on 127.0.0.1 instead" in ended.err


def test_bars_are_shown_on_a_terminal_only(run, photos, model, tmp_path):
    assert run("select", "photos", "-b", 2, *model, "-s", "k_means").err.startswith("alaas: 2 of 8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "alaas", "select", "photos", "-b", "2", *model, "-s", "k_means", "--no-cache"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=tmp_path,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    )
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal's other side is gone once the command has ended
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"encode" in shown
    assert b"8/" in shown
    assert b"\x1b" not in out
