"""The verbs that only tell: init, schema, models, strategies, cache, --version."""

import json
import time
from importlib import resources

import jsonschema
import pytest
import yaml
from PIL import Image

from alaas.testing.models import write_network
from alaas.version import __version__

VERBS = ["select", "serve", "worker", "init", "schema", "strategies", "learners", "models", "cache"]


def test_help_names_every_verb(run):
    ended = run("--help")
    assert (ended.code, ended.err) == (0, "")
    for verb in VERBS:
        assert f"\n  {verb} " in ended.out
    assert run().out.split() == ended.out.split()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(run, verb):
    assert "Usage: alaas" in run(verb, "--help").out


def test_help_loads_nothing_heavy(shell, record_property):
    began = time.perf_counter()
    ended = shell("--help", environ={"PYTHONPROFILEIMPORTTIME": "1"})
    record_property("seconds", time.perf_counter() - began)
    loaded = {line.rpartition("|")[2].strip() for line in ended.err.splitlines()}
    assert "typer" in loaded
    heavy = {
        "numpy",
        "pydantic",
        "rich",
        "yaml",
        "onnxruntime",
        "scipy",
        "sklearn",
        "fastapi",
        "fsspec",
        "PIL",
    }
    assert not loaded & heavy


def test_version(run):
    assert run("--version").out == f"{__version__}\n"


@pytest.mark.parametrize("kind", ["image", "text", "table"])
def test_init_prints_the_template(run, kind):
    assert run("init", kind).out == (resources.files("alaas") / "templates" / f"{kind}.yaml").read_text()


def test_a_template_works_once_its_source_is_there(run, tmp_path):
    (tmp_path / "alaas.yaml").write_text(run("init", "table").out)
    (tmp_path / "rows.csv").write_text("id,size,colour\n" + "".join(f"{n},{n},red\n" for n in range(200)))
    body = json.loads(run("select", "--config", "alaas.yaml", "--json").out)
    assert len(body["selected"]) == 100


def test_the_schema_accepts_what_init_prints(run):
    schema = json.loads(run("schema").out)
    jsonschema.validate(yaml.safe_load(run("init", "image").out), schema)


def test_strategies(run):
    listed = json.loads(run("strategies", "--json").out)
    names = [info["name"] for info in listed]
    assert {"random", "margin", "k_means", "badge"} <= set(names)
    listing = run("strategies").out
    for info in listed:
        assert f"  {info['name']}: {info['when']}" in listing
        assert info["cost"] in listing
        assert (info["reference"] or "") in listing
    assert "needs: probs" in run("strategies", "margin").out


def test_learners(run):
    listed = json.loads(run("learners", "--json").out)
    assert "linear" in [info["name"] for info in listed]
    listing = run("learners").out
    assert all(info["summary"] in listing for info in listed)
    described = run("learners", "linear").out
    assert "parameter members (int, 5): layers of the ensemble; 0 for none." in described
    assert "learns from: features" in described


def test_models(run):
    listed = json.loads(run("models", "list", "--json").out)
    names = {info["name"] for info in listed}
    assert {"efficientnet-lite0", "minilm-l6", "passthrough"} <= names
    assert all(name in run("models").out for name in names)
    assert "modality    image" in run("models", "info", "efficientnet-lite0").out
    assert json.loads(run("models", "info", "minilm-l6", "--json").out)["modality"] == "text"


def test_pulling_a_model_that_has_no_file(run):
    assert run("models", "pull", "passthrough").out == "passthrough needs no file\n"


def test_cache(run, photos, model, tmp_path):
    place = ["--set", f"cache.directory={tmp_path / 'features'}"]
    run("select", "photos", "-b", 2, *model, "-s", "k_means", *place)
    held = json.loads(run("cache", "info", "--json", *place).out)
    assert held["entries"] == 8
    assert "items     8" in run("cache", "info", *place).out
    assert "freed" in run("cache", "clear", *place).out
    assert json.loads(run("cache", "info", "--json", *place).out)["entries"] == 0


def test_quantizing_a_model_says_where_the_int8_file_is(run, tmp_path):
    path = write_network(tmp_path / "network.onnx")
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.new("RGB", (16, 16), (number, 90, 7)).save(folder / f"{number}.png")
    arguments = ("models", "quantize", str(path), "--calibrate", str(folder))
    missing = run(*arguments[:3])
    assert (missing.code, "no source" in missing.err) == (2, True)
    made = json.loads(run(*arguments, "--items", "2", "--json").out)
    assert made["path"] == str(tmp_path / "network.int8.onnx")
    assert (made["method"], made["items"]) == ("static", 2)
    assert "model.engine.precision=int8" in run(*arguments).out


def test_comparing_engines(run, photos, model):
    tiny, size = model[1], model[2:]
    ended = run("models", "compare", tiny, "photos", "-b", 3, *size)
    assert "tiny.onnx on 8 items, 3 chosen by margin" in ended.out
    assert "onnxruntime  fp32" in ended.out
    body = json.loads(run("models", "compare", tiny, "photos", "-b", 3, "--json", *size).out)
    assert body["rows"][0]["overlap"] == 1.0
    assert run("models", "compare", "a", "b", "c").code == 2
