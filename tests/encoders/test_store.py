"""The folder of converted models: whole or absent, checked before use, made once."""

import hashlib
import os
import subprocess
import sys
import textwrap

import pytest

from alaas.encoders._store import models_directory, stored, stored_sha256
from alaas.errors import ModelError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ALAAS_MODELS_DIRECTORY", str(tmp_path / "models"))
    return tmp_path / "models"


class Making:
    """Writes the files and counts how often."""

    def __init__(self, content=b"weights"):
        self.content = content
        self.times = 0

    def __call__(self, folder):
        self.times += 1
        (folder / "model.onnx").write_bytes(self.content)
        (folder / "tokenizer.json").write_bytes(b"{}")


FILES = ("model.onnx", "tokenizer.json")


def test_it_is_made_once_and_its_sha256_is_recorded(folder):
    make = Making()
    assert stored("m", FILES, make) == stored("m", FILES, make) == folder / "m"
    assert make.times == 1
    assert (folder / "m" / "model.onnx").read_bytes() == b"weights"
    assert stored_sha256(folder / "m" / "model.onnx") == hashlib.sha256(b"weights").hexdigest()


def damage_content(file):
    file.write_bytes(b"weighty")


def truncate(file):
    file.write_bytes(b"")


def remove(file):
    file.unlink()


def forget(file):
    file.with_name(f"{file.name}.sha256").unlink()


def scribble(file):
    file.with_name(f"{file.name}.sha256").write_bytes(b"\xff\xfe")


@pytest.mark.parametrize("harm", [damage_content, truncate, remove, forget, scribble])
@pytest.mark.parametrize("file", FILES)
def test_what_is_damaged_is_made_again(folder, harm, file):
    make = Making()
    stored("m", FILES, make)
    harm(folder / "m" / file)
    stored("m", FILES, make)
    assert make.times == 2
    assert (folder / "m" / "model.onnx").read_bytes() == b"weights"
    assert (folder / "m" / "tokenizer.json").read_bytes() == b"{}"


def test_damage_of_the_same_size_and_time_is_noticed_by_the_next_process(folder):
    stored("m", FILES, Making())
    file = folder / "m" / "model.onnx"
    times = (file.stat().st_atime_ns, file.stat().st_mtime_ns)
    file.write_bytes(b"weightz")
    os.utime(file, ns=times)
    code = "import sys, pathlib, alaas.encoders._store as s; sys.exit(s._sound(pathlib.Path(sys.argv[1])))"
    assert subprocess.run([sys.executable, "-c", code, str(file)], check=False, timeout=60).returncode == 0


def test_a_failure_to_make_leaves_nothing_behind(folder):
    def fail(making):
        (making / "model.onnx").write_bytes(b"half")
        raise ModelError("no network")

    with pytest.raises(ModelError, match="no network"):
        stored("m", FILES, fail)
    assert [path.name for path in (folder / "m").iterdir()] == [".lock"]
    stored("m", FILES, Making())


def test_what_a_killed_process_left_is_swept_away(folder):
    left = folder / "m" / ".making-abc"
    left.mkdir(parents=True)
    (left / "model.onnx").write_bytes(b"half")
    stored("m", FILES, Making())
    assert not left.exists()


def test_a_folder_that_cannot_be_written_is_named_with_the_way_out(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ALAAS_MODELS_DIRECTORY", str(tmp_path / "file"))
    with pytest.raises(ModelError, match="ALAAS_MODELS_DIRECTORY"):
        stored("m", FILES, Making())


def test_without_the_variable_it_is_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.delenv("ALAAS_MODELS_DIRECTORY")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert models_directory() == tmp_path / "alaas" / "models"


def test_processes_that_start_together_make_it_once(folder, tmp_path):
    code = textwrap.dedent(
        """
        import pathlib, sys, time
        from alaas.encoders._store import stored

        def make(folder):
            with open(sys.argv[1], "a") as log:
                log.write("made\\n")
            time.sleep(0.3)
            (folder / "model.onnx").write_bytes(b"weights")

        path = stored("m", ("model.onnx",), make) / "model.onnx"
        sys.exit(path.read_bytes() != b"weights")
        """
    )
    command = [sys.executable, "-c", code, str(tmp_path / "log")]
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    assert (tmp_path / "log").read_text() == "made\n"
