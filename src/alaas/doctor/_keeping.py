"""What is kept between runs: features, models."""

from __future__ import annotations

from alaas.config import CacheSettings
from alaas.doctor._machine import room
from alaas.doctor._words import Finding, Group, State
from alaas.encoders import describe, is_pulled, models_directory, names
from alaas.features import open_cache
from alaas.filesystem import network_filesystem


def keeping(settings: CacheSettings) -> Group:
    """The feature cache and the models' folder, what they hold, and whether they can grow."""
    return Group(title="kept between runs", findings=(*_features(settings), *_models()))


def _features(settings: CacheSettings) -> tuple[Finding, ...]:
    if not settings.enabled:
        return (Finding(name="features", state="doubtful", detail="the cache is off (cache.enabled)"),)
    folder = settings.directory.expanduser()
    disk = room("feature cache", folder, mend="make room, or set cache.directory or cache.max_size")
    cache = open_cache(settings)
    try:
        held, trouble = cache.info(), cache.trouble
    finally:
        cache.close()
    cap = "" if held.max_bytes is None else f" of {held.max_bytes / 1e6:,.0f}"
    size = f"{held.entries:,} items, {held.bytes / 1e6:,.1f}{cap} MB"
    shared = network_filesystem(folder)
    if trouble is None and shared is not None:
        trouble = f"it lies on {shared}, whose locks do not reach across machines; set cache.directory"
    if settings.url is not None:
        size = f"{held.location}: {size}"
    # A bucket was asked for by name; the cache on this machine is only a help.
    worst: State = "doubtful" if settings.url is None else "broken"
    features = Finding(name="features", state="good" if trouble is None else worst, detail=size, mend=trouble)
    return (disk, features)


def _models() -> tuple[Finding, ...]:
    folder = room("models", models_directory(), mend="make room, or set ALAAS_MODELS_DIRECTORY")
    return (folder, *(_model(name) for name in names() if describe(name).package is not None))


def _model(name: str) -> Finding:
    if is_pulled(name):
        return Finding(name=name, detail="ready")
    size = f"not here yet, {describe(name).megabytes:.0f} MB"
    return Finding(
        name=name, state="absent", detail=size, mend=f"its first use gets it, or alaas models pull {name}"
    )
