"""The Hugging Face hub, offline."""

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """The hub library's cache, in which a test puts repositories as if they had been downloaded."""

    def __init__(self, folder):
        self.folder = folder

    def repository(self, name, commit=COMMIT, ref="main"):
        repository = self.folder / f"models--{name.replace('/', '--')}"
        (repository / "refs").mkdir(parents=True, exist_ok=True)
        (repository / "refs" / ref).write_text(commit)
        snapshot = repository / "snapshots" / commit
        snapshot.mkdir(parents=True, exist_ok=True)
        return snapshot


@pytest.fixture
def hub(tmp_path, monkeypatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return Hub(tmp_path / "hub")
