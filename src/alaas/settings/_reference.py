"""The settings page of the documentation, made from the settings themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ByteSize
from pydantic_core import PydanticUndefined

from alaas.config import Config, Section
from alaas.settings._names import SHORTHANDS, Setting, settings
from alaas.settings._original import STRATEGIES
from alaas.settings._wording import expected

_INTRODUCTION = """# Configuration

<!-- Made by `python -m alaas.settings > docs/configuration.md`; a test compares. -->

One YAML file says everything; nothing in it is required. `alaas init image`, `text` or `table` prints one to
start from, and `alaas schema` prints its JSON Schema for editors.

```yaml
source: photos/
model: efficientnet-lite0
strategy: k_center
budget: 100
cache:
  max_size: 20GB
```

**What wins.** The command line, then the environment, then the file, then the default.

- On the command line every setting is `--set section.key=value`; the frequent ones have options of their own.
- In the environment it is `ALAAS_SECTION_KEY`, as in the tables below. Lists are separated by commas, other
  compound values are JSON. A variable that is empty counts as not set, except for a list. A variable
  `ALAAS_…` that stands for no setting is an error, so that a typing mistake does not pass unseen.
- When a stronger place names another strategy or model, what belonged to the weaker one's goes with it:
  `strategy.parameters`; `model.preprocess`, `outputs`, `tokenizer` and `revision`; of another `model.engine`
  its `options`, `url`, `model`, `version`, `inputs`, `outputs` and `token`.

**Paths.** Relative paths in the file start from the file's folder, elsewhere from where the command runs.

**Sizes** are written `64MB` or `10GB` (powers of 1000), `64MiB` (powers of 1024), or as a number of bytes.
"""

_ORIGINAL = """## Files of ALaaS 0.2

A file with `active_learning:` is read as one of ALaaS 0.2. A model of the zoo is taken from the zoo, whatever
its `hub` says; another model of a Hugging Face hub becomes `hf:owner/name`. What has no meaning any more is
named in a warning. Where the file asks to listen beyond this machine, the server stays on 127.0.0.1 unless
`server.allow_remote` is set. Settings of this page may stand beside `active_learning:` and win over it.

| strategy of 0.2 | here |
|---|---|
"""


def reference() -> str:
    """The page, as Markdown."""
    parts = [_INTRODUCTION, *_sections(), _ORIGINAL + _strategies()]
    return "\n".join(parts)


def _sections() -> Iterator[str]:
    top = [setting for setting in settings().values() if len(setting.path) == 1]
    yield _table("## Top level", Config, [setting for setting in top if not setting.section])
    for setting in settings().values():
        if setting.section is not None:
            inner = [found for found in settings().values() if found.path[:-1] == setting.path]
            yield _table(f"## `{setting.dotted}`", setting.section, [s for s in inner if not s.section])
            if setting.path in SHORTHANDS:
                key = SHORTHANDS[setting.path][-1]
                yield f"`{setting.dotted}: value` and `{setting.variable}` stand for `{key}` alone.\n"


def _table(title: str, section: type[Section], rows: list[Setting]) -> str:
    lines = [
        title,
        "",
        _cell(section.__doc__ or ""),
        "",
        "| key | expected | default | meaning |",
        "|---|---|---|---|",
    ]
    for row in rows:
        key = f"`{row.path[-1]}`<br>`{row.variable}`"
        meaning = _cell(row.field.description or "")
        lines.append(f"| {key} | {_cell(expected(row.path))} | {_default(row)} | {meaning} |")
    return "\n".join(lines) + "\n"


def _default(setting: Setting) -> str:
    value: Any = setting.field.default
    if value is PydanticUndefined:
        factory = setting.field.default_factory
        made = factory() if isinstance(factory, type) or setting.is_list else None  # type: ignore[call-arg, misc]
        return "–" if made is None or isinstance(made, Section) else f"`{json.dumps(made)}`"
    if setting.dotted == "strategy.name":
        value = Config().strategy.name
    if isinstance(value, ByteSize):
        return f"`{value.human_readable(decimal=True, separator='')}`"
    if value is None:
        return "–"
    if isinstance(value, float) and 0 < value < 0.01:
        return f"`1/{round(1 / value)}`"
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


def _strategies() -> str:
    return "".join(f"| `{theirs}` | `{ours}` |\n" for theirs, ours in STRATEGIES.items())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
