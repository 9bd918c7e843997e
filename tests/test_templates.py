"""The templates work as they are, and what they show as defaults are the defaults."""

import re
from importlib import resources

import jsonschema
import pytest
import yaml

from alaas.config import Config
from alaas.settings import config_schema, load_config

TEMPLATES = sorted((resources.files("alaas") / "templates").iterdir(), key=lambda entry: entry.name)
POOLS = {"image": "photos/", "text": "texts.txt", "table": "rows.csv"}


@pytest.fixture(params=TEMPLATES, ids=lambda entry: entry.name)
def template(request):
    return request.param


def test_there_is_one_for_each_modality():
    assert [entry.name for entry in TEMPLATES] == ["image.yaml", "table.yaml", "text.yaml"]


def test_it_loads_as_it_is(template, tmp_path):
    path = tmp_path / "alaas.yaml"
    path.write_text(template.read_text())
    config = load_config(path, environ={})
    kind = template.name.removesuffix(".yaml")
    assert config.modality == kind
    assert config.source is not None
    assert config.source.uri == f"{tmp_path}/{POOLS[kind]}"
    assert config.budget


def test_it_is_valid_under_the_schema(template):
    jsonschema.validate(yaml.safe_load(template.read_text()), config_schema())


def commented_out(text: str) -> str:
    """The settings that are shown but switched off: # and no space, or two and more before an inner key."""
    return "\n".join(line[1:] for line in text.splitlines() if re.match(r"#( {2,})?[a-z_]+:", line))


def test_what_is_commented_out_are_the_defaults(template, tmp_path):
    shown = commented_out(template.read_text())
    path = tmp_path / "defaults.yaml"
    path.write_text(shown)
    assert set(yaml.safe_load(shown)) >= {
        "seed",
        "task",
        "labelling",
        "cache",
        "pipeline",
        "egress",
        "server",
    }
    found = load_config(path, environ={})
    assert found.model_copy(update={"store": Config().store}) == Config()  # which lies beside the file


def test_everything_switched_on_is_one_valid_file(template):
    text = template.read_text()
    switched_on = [line for line in text.splitlines() if not line.startswith("#")] + [commented_out(text)]
    jsonschema.validate(yaml.safe_load("\n".join(switched_on)), config_schema())
