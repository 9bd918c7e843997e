"""The gRPC interface: ``alaas.proto`` and the Python stubs that are made from it (``make stubs``).

A client needs ``grpcio`` and these files, nothing else of ALaaS:

    from alaas.v1 import alaas_pb2, alaas_pb2_grpc
"""
