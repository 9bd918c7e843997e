"""The server over gRPC: the verbs of the HTTP routes under another transport. Needs the extra ``grpc``."""

from alaas.server.rpc.server import RpcServer

__all__ = ["RpcServer"]
