"""``alaas doctor``: a glance for people, JSON for machines, a code for scripts."""

import json

import pytest


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_for_people(run):
    ended = run("doctor")
    assert ended.code == 0
    assert "✓ onnxruntime" in ended.out
    assert "Nothing is broken." in ended.out
    assert "→ its first use gets it, or alaas models pull efficientnet-lite0" in ended.out


def test_for_machines(run):
    body = json.loads(run("doctor", "--json").out)
    assert body["ok"] is True
    titles = [group["title"] for group in body["groups"]]
    assert {"machine", "engines", "runtimes", "stores", "kept between runs"} <= set(titles)
    assert all(
        set(finding) == {"name", "state", "detail", "mend"}
        for group in body["groups"]
        for finding in group["findings"]
    )


def test_a_broken_configuration_ends_with_1(run, tmp_path):
    (tmp_path / "alaas.yaml").write_text("source: nowhere\nstrategy: margin\n")
    ended = run("doctor", "--config", "alaas.yaml")
    assert ended.code == 1
    assert "✗ source" in ended.out
    assert "broken: " in ended.out
    assert run("doctor", "--config", "alaas.yaml", "--json").code == 1


def test_measuring_without_a_model_here_has_nothing_to_say(run):
    ended = run("doctor", "--measure")
    assert ended.code == 0
    assert ended.err == ""
