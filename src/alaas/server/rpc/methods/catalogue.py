"""``alaas.v1.Catalogue``."""

from __future__ import annotations

from google.protobuf import empty_pb2

from alaas.server.rpc.call import Call
from alaas.server.rpc.handlers import Rpc
from alaas.server.rpc.messages import message_of
from alaas.server.verbs import catalogue
from alaas.v1 import alaas_pb2


def strategies(call: Call, _request: empty_pb2.Empty) -> alaas_pb2.StrategyList:
    """The strategies."""
    return message_of(alaas_pb2.StrategyList, catalogue.list_strategies(call.services))


def models(call: Call, _request: empty_pb2.Empty) -> alaas_pb2.ModelList:
    """The models."""
    return message_of(alaas_pb2.ModelList, catalogue.list_models(call.services))


RPCS = {
    "Strategies": Rpc(route="GET /v1/strategies", answer=strategies),
    "Models": Rpc(route="GET /v1/models", answer=models),
}
