"""A serving engine's token: used, and written down nowhere."""

from __future__ import annotations

from alaas.config import Config
from alaas.projects._definition import configure, define

TOKEN = "of-nobodys-business"


def config(url: str = "http://engines:8000", token: str | None = TOKEN) -> Config:
    engine = {"name": "open_inference", "url": url, "model": "small", "token": token}
    return Config.model_validate({"name": "trees", "model": {"engine": engine}})


def test_a_definition_has_no_token() -> None:
    assert TOKEN not in define(config())
    assert "engines:8000" in define(config())


def test_the_process_gives_its_token_to_projects_on_its_own_server() -> None:
    kept = define(config())
    assert configure(kept, config()).model.engine.token == TOKEN
    assert configure(kept, config(url="http://elsewhere:8000")).model.engine.token is None
    assert configure(kept, config(token=None)).model.engine.token is None


def test_settings_do_not_show_it() -> None:
    assert TOKEN not in repr(config())
