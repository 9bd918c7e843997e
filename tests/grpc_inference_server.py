"""A real server of the Open Inference Protocol v2 over gRPC, around the same behaviours as over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np

from alaas.engines._open_inference import open_inference_pb2 as messages
from inference_server import Behaviour, Tensor, read, written

TYPED = {"FP32": "floats", "FP64": "doubles", "INT64": "int64s", "UINT8": "uints", "BYTES": "bytes_values"}


class Service:
    """``troubles`` are status codes, one for each inference."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.how = behaviour

    def check(self, name: str, context: grpc.ServicerContext) -> None:
        metadata = dict(context.invocation_metadata())
        if self.how.token and metadata.get("authorization") != f"Bearer {self.how.token}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you")
        if name != "small":
            context.abort(grpc.StatusCode.NOT_FOUND, f"unknown model {name}")

    def ready(self, request, context):
        self.check(request.name, context)
        self.how.unready -= 1
        return messages.ModelReadyResponse(ready=self.how.unready < 0)

    def describe(self, request, context):
        self.check(request.name, context)
        if not self.how.describes:
            return messages.ModelMetadataResponse(name="small")

        def told(tensors: list[Tensor]):
            return [messages.TensorMetadata(name=t.name, datatype=t.datatype, shape=t.shape) for t in tensors]

        return messages.ModelMetadataResponse(
            name="small",
            versions=["3"],
            platform="numpy",
            inputs=told(self.how.inputs),
            outputs=told(self.how.outputs),
        )

    def infer(self, request, context):
        self.check(request.model_name, context)
        if self.how.troubles:
            context.abort(self.how.troubles.pop(0), "no room left")
        arrays = {}
        for place, tensor in enumerate(request.inputs):
            entry = {"shape": list(tensor.shape), "datatype": tensor.datatype}
            if request.raw_input_contents:
                arrays[tensor.name] = read(entry, request.raw_input_contents[place])
            else:
                values = getattr(tensor.contents, TYPED[tensor.datatype])
                texts = tensor.datatype == "BYTES"
                arrays[tensor.name] = read(
                    {**entry, "data": [v.decode() if texts else v for v in values]}, None
                )
        for wanted in self.how.inputs:
            if list(arrays[wanted.name].shape[1:]) != wanted.shape[1:]:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "unexpected shape")
        count = len(next(iter(arrays.values())))
        if self.how.most is not None and count > self.how.most:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"inference request batch-size must be <= {self.how.most}"
            )
        return self.answer([output.name for output in request.outputs], self.how.compute(arrays))

    def answer(self, wanted: list[str], found: dict) -> messages.ModelInferResponse:
        response = messages.ModelInferResponse(model_name="small")
        for spec in self.how.outputs:
            if wanted and spec.name not in wanted:
                continue
            array = np.asarray(found[spec.name])
            tensor = response.outputs.add(name=spec.name, datatype=spec.datatype, shape=array.shape)
            if self.how.binary:
                response.raw_output_contents.append(written(spec.datatype, array))
            else:
                flat = array.reshape(-1).tolist()
                texts = spec.datatype == "BYTES"
                getattr(tensor.contents, TYPED[spec.datatype]).extend(
                    [v.encode() if texts else v for v in flat]
                )
        return response


@contextlib.contextmanager
def serving(behaviour: Behaviour, tls: grpc.ServerCredentials | None = None) -> Iterator[str]:
    """The server's address."""
    service = Service(behaviour)
    methods = {
        "ModelReady": (service.ready, messages.ModelReadyRequest),
        "ModelMetadata": (service.describe, messages.ModelMetadataRequest),
        "ModelInfer": (service.infer, messages.ModelInferRequest),
    }
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(
            method,
            request_deserializer=request.FromString,
            response_serializer=lambda m: m.SerializeToString(),
        )
        for name, (method, request) in methods.items()
    }
    with ThreadPoolExecutor(16) as pool:
        server = grpc.server(pool, options=[("grpc.max_receive_message_length", -1)])
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("inference.GRPCInferenceService", handlers),)
        )
        here = "127.0.0.1:0"
        port = server.add_insecure_port(here) if tls is None else server.add_secure_port(here, tls)
        server.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        finally:
            server.stop(0).wait()
