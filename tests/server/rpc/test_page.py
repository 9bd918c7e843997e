"""docs/grpc.md says what is true: its programs run, and its words are all there are."""

from __future__ import annotations

import re
from pathlib import Path

from alaas.server.rpc.methods import RPCS

PAGE = (Path(__file__).parents[3] / "docs" / "grpc.md").read_text(encoding="utf-8")


def test_the_programs_run_one_after_another(server, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    program = "\n".join(re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    program = program.replace("127.0.0.1:8082", server.grpc_address) + "\nchannel.close()\n"
    exec(compile(program, "docs/grpc.md", "exec"), {})
    said = capsys.readouterr().out
    assert "succeeded 4" in said
    assert "added: 30" in said
    assert "8 ['kept'" in said
    assert "NOT_FOUND there is no project 'shrubs' project-not-found" in said
    assert len((tmp_path / "trees.jsonl").read_text().splitlines()) == 30


def test_every_call_is_named():
    for service, rpcs in RPCS.items():
        rows = [line for line in PAGE.splitlines() if line.startswith(f"| `{service}`")]
        assert set(re.findall(r"`(\w+)`", "\n".join(rows))) == {service, *rpcs}
