"""all-MiniLM-L6-v2 behind LitServe's /v1/embeddings, for an environment that has litserve and onnxruntime.

Run as ``python embeddings_server.py FOLDER PORT``; the folder holds model.onnx and tokenizer.json.
"""

import sys
from pathlib import Path

import litserve
import numpy as np
import onnxruntime
from litserve.specs import OpenAIEmbeddingSpec
from tokenizers import Tokenizer


class MiniLM(litserve.LitAPI):
    folder = Path(sys.argv[1])

    def setup(self, device: str) -> None:
        self.tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(256)
        self.tokenizer.enable_padding()
        self.session = onnxruntime.InferenceSession(str(self.folder / "model.onnx"))

    def predict(self, texts):
        encoded = self.tokenizer.encode_batch([texts] if isinstance(texts, str) else list(texts))
        feed = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": np.array([one.attention_mask for one in encoded], dtype=np.int64),
        }
        return self.session.run(["embeddings"], feed)[0].tolist()


if __name__ == "__main__":
    server = litserve.LitServer(MiniLM(), spec=OpenAIEmbeddingSpec(), accelerator="cpu")
    server.run(port=int(sys.argv[2]), host="127.0.0.1", generate_client_file=False, log_level="warning")
