"""The configuration's fingerprint, which every selection records."""

from __future__ import annotations

import json

from blake3 import blake3

from alaas.config import Config

_WITHOUT_EFFECT = {"name", "cache", "server", "store", "log", "webhooks"}
"""Sections that can change how fast an answer comes and to whom, and never the answer."""


def config_fingerprint(config: Config) -> str:
    """Blake3 in hex over the settings that can change a choice, wherever they were written."""
    settings = config.model_dump(mode="json", exclude=_WITHOUT_EFFECT)
    canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return str(blake3(canonical.encode("ascii")).hexdigest())
