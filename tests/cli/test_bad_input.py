"""What is wrong is one sentence on stderr and a code that is not 0, never a traceback."""

import socket

import pytest

USAGE = 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing", "-b", "3"], "there is no file or folder missing"),
        (["empty", "-b", "3"], "holds no items"),
        (["photos", "-b", "0"], "budget: expected a whole number of at least 1, got 0"),
        (["photos", "--budget", "-5"], "budget: expected a whole number of at least 1, got -5"),
        (["photos", "-b", "ten"], "budget: expected a whole number of at least 1, got 'ten'"),
        (["photos", "-b", "3", "-s", "margn"], "unknown strategy 'margn'; did you mean 'margin'?"),
        (["photos", "-b", "3", "-m", "efficientnet"], "unknown model 'efficientnet'; did you mean"),
        (
            ["photos", "-b", "3", "--set", "pipeline.retrys=2"],
            "unknown key 'retrys' under pipeline; did you mean",
        ),
        (["names.csv", "-b", "3"], "names.csv has no column uri or text; known: id, name"),
        (["photos", "-b", "3", "-c", "absent.yaml"], "there is no settings file absent.yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_real_command_refuses(shell, photos, tmp_path, arguments, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "names.csv").write_text("id,name\n1,a\n")
    ended = shell("select", *arguments)
    assert (ended.code, ended.out) == (USAGE, "")
    assert message in ended.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["select", "photos"], "no budget"),
        (["select", "-b", "3"], "no source"),
        (["select", "photos", "-b", ""], "budget: expected a whole number of at least 1, got ''"),
        (["select", "photos", "-b", "2.5"], "budget: expected a whole number of at least 1, got 2.5"),
        (
            ["select", "photos", "-b", "3", "--seed", "x"],
            "seed: expected a whole number of at least 0, got 'x'",
        ),
        (
            ["select", "photos", "-b", "3", "--modality", "video"],
            "modality: expected one of image, text, table",
        ),
        (["select", "photos", "-b", "3", "--set", "nonsense"], "--set expects section.key=value"),
        (["select", "photos", "-b", "3", "--set", "=1"], "--set expects section.key=value"),
        (["select", "names.csv", "-b", "3", "--modality", "text"], "names.csv has no column text"),
        (["select", "photos", "-b", "3", "--budgt", "3"], "No such option: --budgt"),
        (["selct", "photos"], "No such command 'selct'. Did you mean 'select'?"),
        (["init"], "Missing argument"),
        (["init", "imag"], "unknown template 'imag'; did you mean 'image'?"),
        (["models", "info", "minilm-l7"], "unknown model 'minilm-l7'; did you mean 'minilm-l6'?"),
        (["models", "pull", "nothing"], "unknown model 'nothing'"),
        (["strategies", "badg"], "unknown strategy 'badg'; did you mean 'badge'?"),
        (["serve", "absent.yaml"], "there is no settings file absent.yaml"),
        (["serve", "--port", "http"], "server.port: expected a whole number from 0 to 65535, got 'http'"),
        (["serve", "--port", "70000"], "server.port: expected a whole number from 0 to 65535, got 70000"),
        (["serve", "--grpc-port", "70000"], "server.grpc_port: expected a whole number from 0 to 65535"),
        (["serve", "--host", "0.0.0.0", "--set", "server.keys=off"], "refusing to listen on '0.0.0.0'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_was_asked_wrongly_is_said(run, photos, tmp_path, arguments, message):
    (tmp_path / "names.csv").write_text("id,name\n1,a\n")
    ended = run(*arguments)
    assert (ended.code, ended.out) == (USAGE, "")
    assert message in ended.sentence


def test_a_wrong_variable_is_named(run, photos, monkeypatch):
    monkeypatch.setenv("ALAAS_BUDGT", "3")
    ended = run("select", "photos")
    assert ended.code == USAGE
    assert "ALAAS_BUDGT stands for no setting; did you mean 'ALAAS_BUDGET'?" in ended.sentence


def test_a_pool_of_nothing_but_bad_items_fails(run, tmp_path):
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.jpg").write_bytes(b"no")
    ended = run("select", "bad", "-b", 1, "-s", "random")
    assert (ended.code, ended.out) == (1, "")
    assert "none of the 1 items" in ended.sentence


def test_a_broken_model_fails(run, photos, tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    ended = run("select", "photos", "-b", 1, "-m", "broken.onnx")
    assert (ended.code, ended.out) == (1, "")
    assert "broken.onnx" in ended.sentence


def test_a_port_in_use_is_one_sentence(shell):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = shell("serve", "--port", port)
    assert ended.code == USAGE
    assert f"port {port} of 127.0.0.1 is in use" in ended.sentence
