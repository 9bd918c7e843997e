"""Embeddings of the pool and the test images, for the linear head that judges every row's choice.

Its argument is the model's name; a question names ``uris`` and the ``.npy`` file to write.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from alaas.cores import available_cores
from benchmarks._worker import Message, serve
from benchmarks.round._engine import open_bench

_BATCH = 8


def main() -> None:
    """Answer until stdin ends."""
    bench = open_bench(sys.argv[1])
    session = bench.session(threads=1)

    def embed(uris: list[str]) -> np.ndarray:
        return bench.features(session, [bench.modality.decode(Path(uri).read_bytes()) for uri in uris])[0]

    def answer(question: Message) -> Message:
        uris = question["uris"]
        batches = [uris[first : first + _BATCH] for first in range(0, len(uris), _BATCH)]
        with ThreadPoolExecutor(available_cores()) as pool:
            embeddings = np.concatenate(list(pool.map(embed, batches)))
        np.save(question["file"], embeddings, allow_pickle=False)
        return {"shape": list(embeddings.shape)}

    serve(answer)


if __name__ == "__main__":
    main()
