"""One ONNX file of encoder and learner."""

from __future__ import annotations

import json
from collections.abc import Mapping

from alaas.encoders import Encoder
from alaas.errors import LearnerError
from alaas.learners import Fitted, ItemFitted
from alaas.types import JSON
from alaas.version import __version__


def export_onnx(encoder: Encoder, fitted: Fitted, *, about: Mapping[str, JSON] | None = None) -> bytes:
    """Put the encoder's graph and the learner's head into one ONNX file.

    The file takes the encoder's inputs and gives ``probabilities`` (n, C) and ``embeddings`` (n, D), float32.
    For an encoder without a graph, such as that of tables, it takes ``features`` (n, D) and gives
    ``probabilities`` alone. What the file's ``metadata_props`` hold is JSON: ``alaas.classes``,
    ``alaas.task``, ``alaas.preprocessing`` (see ``Modality.recipe``), ``alaas.encoder``, ``alaas.version``.

    Memory is three times that of the encoder's weights for a moment, most of it while the file is written.

    Args:
        encoder: what made the features that ``fitted`` was fitted on; it is not loaded.
        fitted: the learner. It is linear, or offers ``to_onnx``.
        about: more to write down, each under ``alaas.`` and its name.

    Raises:
        LearnerError: the learner is not linear and offers no graph, or does not fit the encoder.
        ModelError: the encoder's file cannot be had or read, or the whole would be too large for one file.
    """
    from alaas.projects.model_file._graph import Graph
    from alaas.projects.model_file._head import append_head
    from alaas.projects.model_file._pooling import append_pooling

    if isinstance(fitted, ItemFitted):
        raise LearnerError(
            f"{type(fitted).__name__} has a network of its own in place of {encoder.name}; export that with "
            "the tools of its framework"
        )
    source = encoder.graph()
    if source is None:
        graph, width = Graph.empty(), None
        features = graph.input("features", "float32", ("n", fitted.dimensions))
    else:
        graph = Graph.read(source.path, name=encoder.name)
        graph.free("embeddings", "probabilities")
        features, width = append_pooling(graph, source)
    if width is not None and width != fitted.dimensions:
        raise LearnerError(
            f"the learner was fitted on {fitted.dimensions} features, but {encoder.name} gives {width}; "
            "retrain with this model"
        )
    append_head(graph, fitted, features)
    outputs = {"probabilities": len(fitted.classes)}
    graph.note(_card(encoder, fitted) | dict(about or {}))
    return graph.finish(outputs if source is None else outputs | {"embeddings": fitted.dimensions})


def _card(encoder: Encoder, fitted: Fitted) -> dict[str, JSON]:
    """What somebody has to know to use the file."""
    card: dict[str, JSON] = {
        "classes": list(fitted.classes),
        "task": fitted.kind,
        "preprocessing": dict(encoder.modality.recipe()),
        "encoder": {"name": encoder.name, "fingerprint": encoder.fingerprint},
        "version": __version__,
    }
    return json.loads(json.dumps(card))  # type: ignore[no-any-return]
