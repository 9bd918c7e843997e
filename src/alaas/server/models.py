"""Which models a client may name."""

from __future__ import annotations

from alaas.config import Config
from alaas.encoders import names
from alaas.errors import UnknownNameError, UsageError
from alaas.registry import fold


def check_model(name: str | None, config: Config) -> None:
    """Refuse a model that a client may not choose.

    The server's own model may be anything. A client chooses among the known names: a path would open files
    of the server's, and a hub's name would make it download whatever the client likes.

    Raises:
        UsageError: a path or a hub's name that is not the server's own model.
        UnknownNameError: no such model; the nearest is named.
    """
    if name is None or name == config.model.name or fold(name) in {fold(known) for known in names()}:
        return
    if ":" in name or "/" in name or "\\" in name or fold(name).endswith((".onnx", ".pt2")):
        raise UsageError(
            f"a request may name a model of GET /v1/models only, got {name!r}; to use a file or a hub's "
            "model, set model.name in the server's configuration"
        )
    raise UnknownNameError("model", name, names())
