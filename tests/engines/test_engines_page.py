"""The page about engines shows configurations that can be used."""

import re
from pathlib import Path

import pytest
import yaml

from alaas.config import Config
from alaas.engines import open_engine
from alaas.errors import MissingExtraError

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_configuration_on_the_page_can_be_used(block):
    config = Config.model_validate(yaml.safe_load(block))
    engine = config.model.engine
    try:
        assert open_engine(engine, threads=config.model.threads).info.name
    except MissingExtraError:
        pytest.skip("needs an extra that is not here")


def test_both_protocols_are_shown():
    shown = {Config.model_validate(yaml.safe_load(block)).model.engine.name for block in BLOCKS}
    assert {"open_inference", "embeddings_api"} <= shown
