"""The YAML of ALaaS 0.2, read as ours."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass

from alaas.errors import ConfigError, nearest
from alaas.registry import fold
from alaas.settings._layers import Layer, Tree
from alaas.settings._names import KeyPath

STRATEGIES: Mapping[str, str] = {
    "RandomSampling": "random",
    "LeastConfidence": "least_confidence",
    "MarginConfidence": "margin",
    "RatioConfidence": "ratio",
    "EntropySampling": "entropy",
    "VarRatioSampling": "least_confidence",  # 1 − max p: the same order
    "BayesianDisagreement": "entropy",
    "MeanSTDSampling": "entropy",
    "KMeansSampling": "k_means",
    "BadgeSampling": "badge",
    "KCenterGreedy": "k_center",
    "KCenterSampling": "k_center",
    "CoreSet": "k_center",
}
"""Its names, in its code and in its documentation, and ours that pick the same."""

_FOLDED = {name.lower(): ours for name, ours in STRATEGIES.items()}

_SEVERAL_PASSES = frozenset({"bayesiandisagreement", "meanstdsampling"})
"""They compare passes with dropout, which 0.2 never switched on; of one pass only the entropy is left."""

_TORCH = ("torchvision:", "torchhub:", "transformers:")
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_AT: Mapping[KeyPath, str] = {
    ("strategy", "name"): "active_learning.strategy.type",
    ("model", "name"): "active_learning.strategy.model.name",
    ("model", "batch_size"): "active_learning.strategy.model.batch_size",
    ("server", "port"): "active_learning.al_worker.port",
}
"""Where our settings stood in the original's file, for messages."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """A file of ALaaS 0.2 as a layer of ours; ``warnings`` say what in it has no meaning any more.

    ``host`` is where it wanted to listen, if that is beyond this machine.
    """

    layer: Layer
    warnings: tuple[str, ...]
    host: str | None


def original_strategy(name: str) -> str | None:
    """Our name for a strategy of ALaaS 0.2; None if it had none of that name. Case, - and _ do not matter."""
    return _FOLDED.get(fold(name).replace("_", ""))


def is_original(document: Mapping[str, object]) -> bool:
    """Whether a file is one of ALaaS 0.2."""
    return "active_learning" in document


def translate(document: Mapping[str, object], label: str) -> Original:
    """Read a file of ALaaS 0.2. Keys of ours beside its own, such as ``source``, stay as they are.

    Args:
        document: the whole file.
        label: begins every message: the file's name and a colon.

    Raises:
        ConfigError: a section is not one, or its strategy or model is not to be had here.
    """
    notes = _Notes(label)
    learning = _section(document, "active_learning", label)
    strategy = _section(learning, "strategy", label)
    model = _section(strategy, "model", label)
    worker = _section(learning, "al_worker", label)
    found: Tree = {key: value for key, value in document.items() if key not in ("active_learning", "version")}
    found.setdefault("strategy", _strategy(strategy.get("type"), notes))
    if model:
        found.setdefault("model", _model(model, random=found["strategy"] == "random", notes=notes))
    if "port" in worker:
        found["server"] = {"port": worker["port"], **_section(document, "server", label)}
    notes.unused(worker, "al_worker", used={"host", "port"}, plain={"protocol": "http", "replicas": 1})
    notes.unused(strategy, "strategy", used={"type", "model"}, plain={})
    notes.unused(learning, "active_learning", used={"strategy", "al_worker"}, plain={})
    host = str(worker.get("host", "127.0.0.1"))
    labels = {path: f"{label}{where}" for path, where in _AT.items()}
    layer = Layer(values=found, labels=labels, label=label)
    return Original(layer=layer, warnings=tuple(notes.taken), host=None if host in _LOCAL else host)


class _Notes:
    """Collects what people should know about a file that was taken nevertheless."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.taken: list[str] = []

    def add(self, sentence: str) -> None:
        self.taken.append(f"{self.label}{sentence}")

    def unused(
        self, values: Mapping[str, object], section: str, *, used: set[str], plain: Mapping[str, object]
    ) -> None:
        """Note the keys that change nothing, unless they say what is the case anyway."""
        for key, value in values.items():
            if key not in used and (key not in plain or plain[key] != value):
                self.add(f"{section}.{key}: {value!r} has no meaning here and is left out")


def _strategy(kind: object, notes: _Notes) -> str:
    from alaas.strategies import registry

    if not isinstance(kind, str):
        raise ConfigError(
            f"{notes.label}active_learning.strategy.type: expected one of {', '.join(STRATEGIES)}, got "
            f"{'nothing' if kind is None else repr(kind)}"
        )
    ours = original_strategy(kind) or (kind if kind in registry else None)
    if ours is None:
        raise ConfigError(
            f"{notes.label}active_learning.strategy.type: unknown strategy {kind!r}; "
            f"{nearest(kind, STRATEGIES)}"
        )
    if kind.lower() in _SEVERAL_PASSES:
        notes.add(
            f"{kind} compares passes with dropout, which ALaaS 0.2 never switched on; of one pass "
            f"the entropy is left, so {ours!r} chooses"
        )
    return ours


def _model(model: Mapping[str, object], *, random: bool, notes: _Notes) -> Tree:
    found: Tree = {key: model[key] for key in ("batch_size",) if key in model}
    name, hub = model.get("name"), model.get("hub")
    known = _known_model(name, hub) if isinstance(name, str) else name
    if known is not None:
        found["name"] = known
    elif random:
        notes.add(f"the model {name!r} is not loaded: choosing at random needs none")
    else:
        raise ConfigError(f"{notes.label}{_no_such_model(name, hub)}")
    used = {"name", "batch_size", "hub"}
    device = model.get("device")
    if str(device).startswith("cuda") and str(known).startswith(_TORCH):
        found["engine"] = {"name": "torch", "devices": [device]}
        used.add("device")
    plain = {"device": "cpu", "tokenizer": name, "args": [], "kwargs": {"pretrained": True}}
    plain = {**plain, "task": None} if model.get("task") is None else {**plain, "task": model["task"]}
    notes.unused(model, "model", used=used, plain=plain)
    return found


def _known_model(name: str, hub: object) -> str | None:
    from alaas.encoders import names

    zoo = {fold(known): known for known in names()}
    if fold(name) in zoo:
        return zoo[fold(name)]
    if name.startswith("hf:") or name.lower().endswith(".onnx"):
        return name
    hugging_face = isinstance(hub, str) and "huggingface" in hub.lower()
    if hugging_face:
        runs = _installed("torch", "transformers")
        return f"transformers:{name}" if runs else f"hf:{name}" if "/" in name else None
    if not isinstance(hub, str) or not _installed("torch"):
        return None
    if hub.partition(":")[0] == "pytorch/vision" and _installed("torchvision"):
        # Its hub's models by the library of today, with the weights that `pretrained` stood for.
        return f"torchvision:{name}@IMAGENET1K_V1"
    return f"torchhub:{hub}:{name}" if "/" in hub else None


def _installed(*libraries: str) -> bool:
    return all(importlib.util.find_spec(library) is not None for library in libraries)


def _no_such_model(name: object, hub: object) -> str:
    from alaas.encoders import names

    return (
        f"the model {name!r} of {hub!r} needs torch and its library: run pip install "
        f'"alaas[torchvision,transformers]"; or name one of the zoo ({", ".join(names())}), '
        "'hf:owner/name' from the Hugging Face hub, or the path of an .onnx file, which torch.onnx.export "
        "writes"
    )


def _section(values: Mapping[str, object], key: str, label: str) -> Mapping[str, object]:
    section = values.get(key)
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise ConfigError(f"{label}{key}: expected settings under it, got {section!r}")
    return section
