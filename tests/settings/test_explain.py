"""What is wrong with a setting is one sentence: where, what was expected, what was got, what was meant."""

import pytest

from alaas.errors import ConfigError
from alaas.settings import load_config

WRONG_IN_A_FILE = {
    "budget: ten": "budget: expected a whole number of at least 1, got 'ten'",
    "budget: 0": "budget: expected a whole number of at least 1, got 0",
    "budget: -5": "budget: expected a whole number of at least 1, got -5",
    "budget: 2.5": "budget: expected a whole number of at least 1, got 2.5",
    "budget: yes": "budget: expected a whole number of at least 1, got true",
    "budget: .nan": "budget: expected a whole number of at least 1, got nan",
    "name: 5": "name: expected text, got 5; put it in quotes",
    "name: 2024-01-01": "name: expected text, got '2024-01-01'; put it in quotes",
    "modality: video": "modality: expected one of image, text, table, got 'video'",
    "cache: 5": "cache: expected settings under it, one `key: value` a line, got 5",
    "cache: {max_size: lots}": "cache.max_size: expected a size such as 64MB or 10GB, or a number of bytes, "
    "got 'lots'",
    "cache: {enabled: 7}": "cache.enabled: expected true or false, got 7",
    "pipeline: {retries: 50}": "pipeline.retries: expected a whole number from 0 to 20, got 50",
    "pipeline: {retry_wait: .inf}": "pipeline.retry_wait: expected a number of at least 0, got inf",
    "egress: {timeout: 0}": "egress.timeout: expected a number above 0, got 0",
    "egress: {allow: 7}": "egress.allow: expected a list of texts, or texts separated by commas, got 7",
    "source: 5": "source: expected text or a list of texts or settings under it, one `key: value` a line, "
    "got 5",
    "source: {recursive: true}": "source.uri is missing; expected text or a list of texts",
    "model: {preprocess: {mean: [1, 2]}}": "model.preprocess.mean: expected a list of 3 numbers, got [1, 2]",
    "model: {preprocess: {size: [0, 3]}}": "model.preprocess.size: expected a whole number above 0 or a list "
    "of 2 whole numbers above 0, got [0, 3]",
    "strategy: {parameters: {a: 1}}": "strategy.name is missing; expected text",
    "webhooks: {url: a}": "webhooks: expected a list, got {'url': 'a'}",
    "webhooks: [{url: a, secret: short}]": "webhooks[0].secret: string should have at least 16 characters",
    "webhooks: [{url: a}]": "webhooks[0].secret: it is missing",
    "webhooks: [{url: a, secret: sixteen letters!, event: b}]": "webhooks[0].event: unknown key",
    "batch_size: 3": "unknown key 'batch_size'; did you mean model.batch_size?",
    "pipeline: {max_size: 1GB}": "unknown key 'max_size' under pipeline; did you mean cache.max_size?",
}


@pytest.mark.parametrize(("text", "message"), WRONG_IN_A_FILE.items(), ids=WRONG_IN_A_FILE)
def test_a_wrong_value_in_a_file(tmp_path, text, message):
    path = tmp_path / "alaas.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ={})
    assert caught.value.message == f"{path}: {message}"


def test_an_unknown_key_names_the_nearest_and_all(tmp_path):
    path = tmp_path / "alaas.yaml"
    path.write_text("stategy: margin")
    with pytest.raises(
        ConfigError, match=r"unknown key 'stategy'; did you mean 'strategy'\? \(known: budget, cache"
    ):
        load_config(path, environ={})


def test_several_problems_are_one_sentence_that_names_the_file_once(tmp_path):
    path = tmp_path / "alaas.yaml"
    path.write_text("budget: 0\nseed: -1\nname: 5\nmodality: video\nserver: {port: 70000}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(path, environ={})
    message = caught.value.message
    assert message.count(str(path)) == 1
    assert message.count("; also ") == 2
    assert message.endswith("; and 2 more")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"ALAAS_BUDGET": "ten"}, r"variable ALAAS_BUDGET: expected a whole number of at least 1, got 'ten'"),
        (
            {"ALAAS_BUDGT": "10"},
            r"variable ALAAS_BUDGT stands for no setting; did you mean 'ALAAS_BUDGET'\?$",
        ),
        ({"ALAAS_CACHE": "x"}, "variable ALAAS_CACHE stands for no setting; but ALAAS_CACHE_ENABLED, .* do"),
        ({"ALAAS_QQQQQQQQQQQ": "x"}, r"stands for no setting; docs/configuration\.md lists them"),
        (
            {"ALAAS_EGRESS_TIMEOUT": "NaN"},
            "variable ALAAS_EGRESS_TIMEOUT: expected a number above 0, got 'NaN'",
        ),
        ({"ALAAS_PIPELINE_RETRIES": "true"}, "variable ALAAS_PIPELINE_RETRIES: expected a whole number"),
    ],
)
def test_a_wrong_variable_is_named(environ, message):
    with pytest.raises(ConfigError, match=message):
        load_config(environ=environ)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"budget": "ten"}, "^budget: expected a whole number of at least 1, got 'ten'$"),
        ({"foo.bar": 1}, "^unknown key 'foo'; known: "),
        ({"budget.x": 1}, "^budget: expected a whole number"),
        ({"pipeline": {"retrys": 1}}, "^unknown key 'retrys' under pipeline; did you mean 'retries'"),
        ({"name": "x" * 500 + "\n", "seed": "x" * 500}, r"^seed: .*…$"),
    ],
)
def test_a_wrong_option_is_named(overrides, message):
    with pytest.raises(ConfigError, match=message):
        load_config(overrides=overrides, environ={})
