"""The settings themselves: strict, frozen, with defaults that are valid."""

import pytest
from pydantic import ValidationError

from alaas.config import Config, SourceSettings
from alaas.settings._names import settings

SECTIONS = [setting for setting in settings().values() if setting.section]


def test_the_defaults_are_valid():
    assert Config.model_validate(Config().model_dump()) == Config()


@pytest.mark.parametrize("setting", SECTIONS, ids=lambda setting: setting.dotted)
def test_no_section_takes_an_unknown_key_or_changes_afterwards(setting):
    given = {"uri": "x", "name": "x"}
    given = {key: value for key, value in given.items() if key in setting.section.model_fields}
    made = setting.section(**given)
    with pytest.raises(ValidationError, match="Extra inputs"):
        setting.section(**given, colour="red")
    with pytest.raises(ValidationError, match="frozen"):
        setattr(made, next(iter(setting.section.model_fields)), "x")


def test_shorthands():
    config = Config.model_validate({"source": "photos/", "model": "minilm-l6", "strategy": "margin"})
    assert config.source == SourceSettings(uri="photos/")
    assert (config.model.name, config.strategy.name) == ("minilm-l6", "margin")
    assert Config.model_validate({"source": ["a", "b"]}).source == SourceSettings(uri=["a", "b"])


def test_sizes():
    sizes = {"10GB": 10**10, "64MiB": 2**26, "5": 5, 7: 7}
    for written, meant in sizes.items():
        assert Config.model_validate({"cache": {"max_size": written}}).cache.max_size == meant


def test_two_configurations_share_nothing():
    one = Config()
    one.egress.allow.append("10.0.0.0/8")
    assert Config().egress.allow == []


def test_the_cache_folder_is_found_when_a_configuration_is_made(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert tmp_path in Config().cache.directory.parents
