"""Remote content as a real file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import BinaryIO, cast


def spooled(write: Callable[[BinaryIO], object]) -> BinaryIO:
    """Let ``write`` fill a temporary file without a name, and return it at its start."""
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  (the caller closes it)
    try:
        write(file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file
