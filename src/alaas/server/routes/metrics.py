"""``/metrics``: numbers for Prometheus."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from prometheus_client.exposition import choose_encoder

from alaas.access import Caller
from alaas.server.gate import Needs
from alaas.server.services import Opened

router = APIRouter(tags=["health"])

Reader = Annotated[Caller, Depends(Needs("reader", everywhere=True))]


@router.get(
    "/metrics",
    summary="Measurements for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(
    services: Opened, _caller: Reader, accept: Annotated[str, Header(include_in_schema=False)] = ""
) -> Response:
    """In the text format of Prometheus, or as OpenMetrics if that is asked for."""
    encode, kind = choose_encoder(accept)
    return Response(encode(services.measures.registry), headers={"Content-Type": kind})
