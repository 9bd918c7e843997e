"""The model of the contract suite as an MLServer runtime, for an environment that has mlserver."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse

WEIGHT = np.arange(9, dtype=np.float32).reshape(3, 3) / 7 - 1


class Small(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        images = NumpyCodec.decode_input(payload.inputs[0])
        if images.shape[1:] != (3, 8, 8):
            raise InferenceError(f"unexpected shape {images.shape}")
        features = images.mean(axis=(2, 3), dtype=np.float32)
        found = {"features": features, "logits": features @ WEIGHT}
        wanted = [output.name for output in payload.outputs or []] or list(found)
        outputs = [NumpyCodec.encode_output(name, found[name]) for name in wanted]
        return InferenceResponse(model_name=self.name, outputs=outputs)
