"""``/v1/models``: which encoders may be asked for by name."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from alaas.encoders import describe, names
from alaas.protocol import ModelBody, ModelList
from alaas.server.gate import Needs
from alaas.server.services import Opened

router = APIRouter(tags=["models"])


@router.get("/v1/models", summary="List the models", dependencies=[Depends(Needs("reader"))])
def list_models(services: Opened) -> ModelList:
    """Every model that a request may name, and which is the default."""
    return ModelList(default=services.config.model.name, models=[_model(name) for name in names()])


def _model(name: str) -> ModelBody:
    about = describe(name)
    return ModelBody(
        name=about.name,
        modality=about.modality,
        provides=sorted(about.provides),
        summary=about.description,
    )
