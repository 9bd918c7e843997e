"""Which value wins, and what a file may hold."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alaas.config import Config
from alaas.errors import ConfigError
from alaas.settings import config_fingerprint, config_schema, load_config
from alaas.settings._names import settings


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "alaas.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_options_win_over_the_environment_over_the_file_over_defaults(file):
    path = file("budget: 1\nseed: 1\nname: file\n")
    environ = {"ALAAS_BUDGET": "2", "ALAAS_SEED": "2"}
    config = load_config(path, overrides={"budget": 3}, environ=environ)
    assert (config.budget, config.seed, config.name, config.server.port) == (3, 2, "file", 8081)


@pytest.mark.parametrize(
    ("text", "environ", "overrides"),
    [
        ("model: minilm-l6\n", {}, {}),
        ("model: {name: minilm-l6}\n", {}, {}),
        ("", {"ALAAS_MODEL": "minilm-l6"}, {}),
        ("", {"ALAAS_MODEL_NAME": "minilm-l6"}, {}),
        ("", {}, {"model": "minilm-l6"}),
        ("", {}, {"model.name": "minilm-l6"}),
        ("", {}, {"model": {"name": "minilm-l6"}}),
    ],
)
def test_every_way_to_name_a_model_means_the_same(file, text, environ, overrides):
    assert load_config(file(text), overrides=overrides, environ=environ).model.name == "minilm-l6"


def test_the_environment_reads_lists_sizes_and_compound_values():
    config = load_config(
        environ={
            "ALAAS_EGRESS_ALLOW": "127.0.0.1, 10.0.0.0/8",
            "ALAAS_CACHE_MAX_SIZE": "1GB",
            "ALAAS_CACHE_ENABLED": "false",
            "ALAAS_STRATEGY": "badge",
            "ALAAS_STRATEGY_PARAMETERS": '{"beta": 2}',
            "ALAAS_MODEL_PREPROCESS_MEAN": "[0, 0, 0]",
            "ALAAS_PIPELINE_DECODE_WORKERS": "null",
        }
    )
    assert config.egress.allow == ["127.0.0.1", "10.0.0.0/8"]
    assert (config.cache.max_size, config.cache.enabled) == (10**9, False)
    assert (config.strategy.name, config.strategy.parameters) == ("badge", {"beta": 2})
    assert config.model.preprocess is not None
    assert config.model.preprocess.mean == (0, 0, 0)


def test_an_empty_variable_is_not_set_but_empties_a_list(file):
    path = file("budget: 5\negress: {allow: [10.0.0.0/8]}\n")
    config = load_config(path, environ={"ALAAS_BUDGET": "", "ALAAS_EGRESS_ALLOW": ""})
    assert (config.budget, config.egress.allow) == (5, [])


@pytest.mark.parametrize(
    "name",
    [
        "ALAAS_DEBUG",
        "ALAAS_KEY",
        "ALAAS_MODELS_DIRECTORY",
        "ALAAS_SERVICE_HOST",
        "ALAAS_SERVICE_PORT",
        "ALAAS_SERVICE_PORT_HTTP",
        "ALAAS_PORT",
        "ALAAS_PORT_8081_TCP",
        "ALAAS_PORT_8081_TCP_ADDR",
    ],
)
def test_variables_of_others_are_left_alone(name):
    assert load_config(environ={name: "tcp://10.0.0.7:8081"}) == load_config(environ={})


def test_no_setting_hides_behind_a_variable_of_others():
    from alaas.settings._layers import _FOREIGN, _OTHER_VARIABLES

    variables = [setting.variable for setting in settings().values()]
    assert not [name for name in variables if _FOREIGN.fullmatch(name) or name in _OTHER_VARIABLES]
    assert len(set(variables)) == len(variables), "two settings share a variable"


def test_another_strategy_does_not_inherit_parameters(file):
    path = file(
        "strategy: {name: badge, parameters: {beta: 2}}\nmodel: {name: a.onnx, tokenizer: t, threads: 2}\n"
    )
    config = load_config(path, overrides={"strategy": "margin", "model": "minilm-l6"}, environ={})
    assert config.strategy.parameters == {}
    assert (config.model.tokenizer, config.model.threads) == (None, 2)
    same = load_config(path, overrides={"strategy": "badge", "strategy.parameters.gamma": 3}, environ={})
    assert same.strategy.parameters == {"beta": 2, "gamma": 3}


def test_paths_in_a_file_start_from_its_folder(file, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    path = file(
        "source: photos/\nmodel: nets/own.onnx\ncache: {directory: feats}\n"
        "egress: {roots: [a, /b, 's3://c/d', ~/e]}\n"
    )
    config = load_config(path, environ={})
    assert config.source is not None
    assert config.source.uri == f"{tmp_path}/photos/"
    assert config.model.name == f"{tmp_path}/nets/own.onnx"
    assert config.cache.directory == tmp_path / "feats"
    assert config.egress.roots == [f"{tmp_path}/a", "/b", "s3://c/d", "/home/someone/e"]


@pytest.mark.parametrize(
    ("name", "moved"),
    [
        ("nets/own.pt2", "{folder}/nets/own.pt2"),
        ("nets/own.py:make", "{folder}/nets/own.py:make"),
        ("torchhub:./repository:entry", "torchhub:{folder}/./repository:entry"),
        ("sentence-transformers:~/model", "sentence-transformers:/home/someone/model"),
        ("sentence-transformers:owner/name", "sentence-transformers:owner/name"),
        ("my_models.nets:make", "my_models.nets:make"),
        ("hf:owner/name.onnx", "hf:owner/name.onnx"),
    ],
)
def test_models_that_lie_beside_the_file_are_found_from_there(file, tmp_path, monkeypatch, name, moved):
    monkeypatch.setenv("HOME", "/home/someone")
    assert load_config(file(f"model: '{name}'\n"), environ={}).model.name == moved.format(folder=tmp_path)


@pytest.mark.parametrize("uri", ["http://h/a.jpg", "s3://b/p", "file:///a", "/abs"])
def test_addresses_in_a_file_stay_as_they_are(file, uri):
    config = load_config(file(f"source: ['{uri}']\nmodel: minilm-l6\n"), environ={})
    assert config.source is not None
    assert config.source.uri == [uri]
    assert config.model.name == "minilm-l6"


def test_paths_from_elsewhere_start_from_the_current_folder(file):
    path = file("source: photos/\n")
    config = load_config(path, overrides={"source": Path("mine")}, environ={})
    assert config.source is not None
    assert config.source.uri == "mine"
    assert load_config(path, environ={"ALAAS_SOURCE": "x/"}).source.uri == "x/"


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("", None),
        ("# nothing\n", None),
        ("---\n", None),
        ("cache:\n", None),
        ("budget: 3\n".encode("utf-16"), 3),
        ("\ufeffbudget: 3\n", 3),
    ],
)
def test_files_that_hold_little_or_are_saved_oddly_are_read(file, text, budget):
    path = file(text)
    found = load_config(path, environ={})
    assert found.store.url == f"sqlite:///{path.parent}/alaas.db"
    assert found.model_copy(update={"store": Config().store}) == Config(budget=budget)


BAD_FILES = {
    "a twice": ("budget: 1\nbudget: 2\n", "line 2.*'budget' stands twice, first in line 1"),
    "a list": ("- a\n- b\n", "a list of 2, expected settings"),
    "a word": ("hello\n", "only 'hello'"),
    "no yaml": ("a: [b\n", "is not YAML"),
    "a tab": ("a:\n\t- b\n", "line 2.*is not YAML"),
    "python": ("a: !!python/object/apply:os.system [x]\n", "python"),
    "a key yes": ("yes: 1\n", "expected text as a key"),
    "a list as key": ("? [a]\n: 1\n", "expected text as a key"),
    "itself": ("a: &a [*a]\n", "contains itself"),
    "half utf-16": (b"\xff\xfe\x00", "not readable as YAML"),
    "latin-1": ("name: é\n".encode("latin-1"), "not readable as YAML"),
    "binary": (b"\x00\x01\x02", "not readable as YAML"),
    "no date": ("name: 2024-99-99\n", "cannot be read"),
    "deep": ("[" * 5000, "nested too deeply"),
    "large": ("#" * 1_000_001, "too large"),
}


@pytest.mark.parametrize(("text", "message"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_one_sentence_with_its_name(file, text, message):
    path = file(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_config(path, environ={})
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message


def test_nested_anchors_do_not_explode(file):
    lines = ["a0: &a0 [x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    with pytest.raises(ConfigError, match="anchors stand for more than"):
        load_config(file("\n".join(lines)), environ={})


def test_a_plain_anchor_works(file):
    path = file("name: &n flowers\nstrategy: {name: badge, parameters: {label: *n}}\n")
    assert load_config(path, environ={}).strategy.parameters == {"label": "flowers"}


@pytest.mark.parametrize(
    ("path", "message"),
    [("absent.yaml", "there is no settings file .*alaas init"), (".", "is a folder"), ("\0", "cannot read")],
)
def test_a_file_that_is_none(tmp_path, path, message):
    with pytest.raises(ConfigError, match=message):
        load_config(tmp_path / path, environ={})


def test_the_fingerprint_follows_what_can_change_a_choice():
    base = config_fingerprint(Config())
    assert config_fingerprint(Config()) == base
    assert len(bytes.fromhex(base)) == 32
    assert config_fingerprint(load_config(overrides={"seed": 1}, environ={})) != base
    for harmless in ({"server.port": 1}, {"cache.max_size": "1MB"}, {"name": "x"}):
        assert config_fingerprint(load_config(overrides=harmless, environ={})) == base


def test_the_fingerprint_survives_being_written_down():
    written = Config(strategy={"name": "badge", "parameters": {"beta": 2}})
    assert config_fingerprint(Config.model_validate_json(written.model_dump_json())) == config_fingerprint(
        written
    )


def test_every_default_configuration_is_valid_under_the_schema():
    jsonschema.Draft202012Validator.check_schema(config_schema())
    jsonschema.validate(json.loads(Config().model_dump_json()), config_schema())


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        ({"strategy": "margin", "model": "x", "source": ["a", "b"], "cache": {"max_size": "10GB"}}, True),
        ({"cache": {"max_size": 10}, "egress": {"allow": "10.0.0.0/8,localhost"}}, True),
        ({"stategy": "margin"}, False),
        ({"cache": {"max_size": "much"}}, False),
        ({"budget": 0}, False),
    ],
)
def test_the_schema_agrees_with_the_settings(document, valid):
    schema_accepts = jsonschema.Draft202012Validator(config_schema()).is_valid(document)
    try:
        load_config(overrides=document, environ={})
        settings_accept = True
    except ConfigError:
        settings_accept = False
    assert (schema_accepts, settings_accept) == (valid, valid)


def refusal(**where) -> str:
    """What is said against the settings; nothing if they are taken."""
    try:
        load_config(**where)
    except ConfigError as error:
        return error.message
    return ""


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
keys = st.sampled_from(sorted(".".join(path) for path in settings())) | st.text(max_size=12)


@given(st.dictionaries(keys, documents, max_size=4))
def test_whatever_is_given_the_answer_is_a_configuration_or_one_sentence(overrides):
    message = refusal(overrides=overrides, environ={})
    assert "\n" not in message


@given(
    st.dictionaries(
        st.sampled_from([s.variable for s in settings().values()]), st.text(max_size=12), max_size=3
    )
)
def test_whatever_the_environment_says_the_answer_is_a_configuration_or_one_sentence(environ):
    message = refusal(environ=environ)
    assert not message or "ALAAS_" in message or "missing" in message


def test_what_a_setting_itself_refuses_is_said_in_its_own_words(tmp_path):
    path = tmp_path / "alaas.yaml"
    path.write_text("model: {engine: {name: auto, allow: [fp8]}}\n")
    with pytest.raises(ConfigError, match="allow: expected fp32, fp16, bf16 or int8, got fp8"):
        load_config(path, environ={})
