"""Scratch folders go with their process, however that ends."""

import subprocess
import sys
import time

from alaas.scratch import ScratchFolder, sweep

HOLD = (
    "import sys, time; from pathlib import Path; from alaas.scratch import ScratchFolder\n"
    "folder = ScratchFolder(Path(sys.argv[1])); (folder.path / 'rows').write_bytes(b'x' * 1000)\n"
    "print(folder.path, flush=True); time.sleep(60)"
)


def hold(place):
    """A process that keeps a folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(place)], stdout=subprocess.PIPE, text=True)
    return process, process.stdout.readline().strip()


def test_closing_deletes_the_folder_and_may_be_repeated(tmp_path):
    folder = ScratchFolder(tmp_path)
    (folder.path / "rows").write_bytes(b"x")
    folder.close()
    folder.close()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_is_deleted_and_what_a_living_one_has_is_not(tmp_path):
    mine = ScratchFolder(tmp_path)
    killed, left = hold(tmp_path)
    living, kept = hold(tmp_path)
    try:
        killed.kill()
        killed.wait()
        killed.stdout.close()
        assert sweep(tmp_path) == 1
        assert sorted(str(path) for path in tmp_path.iterdir()) == sorted([kept, str(mine.path)])
        assert left not in map(str, tmp_path.iterdir())
    finally:
        living.kill()
        living.wait()
        living.stdout.close()
        mine.close()


def test_the_next_process_sweeps_by_itself(tmp_path):
    killed, _ = hold(tmp_path)
    killed.kill()
    killed.wait()
    killed.stdout.close()
    after, kept = hold(tmp_path)
    deadline = time.monotonic() + 5
    while len(list(tmp_path.iterdir())) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    after.kill()
    after.wait()
    after.stdout.close()
    assert [str(path) for path in tmp_path.iterdir()] == [kept]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    (tmp_path / "alaas-scratch-strange").mkdir()
    (tmp_path / "alaas-scratch-strange" / "notes").write_text("mine")
    assert sweep(tmp_path) == 0
    assert (tmp_path / "alaas-scratch-strange" / "notes").exists()
