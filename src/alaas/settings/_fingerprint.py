"""The configuration's fingerprint, which every selection records."""

from __future__ import annotations

import json
from typing import Any

from blake3 import blake3

from alaas.config import Config

_WITHOUT_EFFECT = {"name", "cache", "server", "store", "log", "webhooks"}
"""Sections that can change how fast an answer comes and to whom, and never the answer."""

_ENGINE_WITHOUT_EFFECT = {"token", "timeout", "retries", "connections"}
"""How a serving engine is spoken to, not what it says; and a secret goes into nothing that is kept."""


def config_fingerprint(config: Config) -> str:
    """Blake3 in hex over the settings that can change a choice, wherever they were written."""
    without: dict[str, Any] = dict.fromkeys(_WITHOUT_EFFECT, True)
    without["model"] = {"engine": _ENGINE_WITHOUT_EFFECT}
    settings = config.model_dump(mode="json", exclude=without)
    canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return str(blake3(canonical.encode("ascii")).hexdigest())
