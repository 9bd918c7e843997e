"""How a picture of any size and orientation becomes one of the model's size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from PIL import Image as PillowImage
from PIL.Image import Resampling, Transpose
from PIL.ImageFile import ImageFile

Resize = Literal["squash", "crop", "pad"]
Box = tuple[float, float, float, float]

INTERPOLATIONS: Final[Mapping[str, Resampling]] = {
    "bilinear": Resampling.BILINEAR,
    "bicubic": Resampling.BICUBIC,
    "lanczos": Resampling.LANCZOS,
    "nearest": Resampling.NEAREST,
}
TURNS: Final[Mapping[int, Transpose]] = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation; from 5 on, width and height change places."""

_ORIENTATION_TAG: Final = 0x0112
_REDUCING_GAP: Final = 3.0
"""Averaging whole pixels down to 3 times the wanted size first cannot be told from doing without (Pillow's
documentation) and makes large pictures several times faster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scaling:
    """Which part of the picture is scaled to which size, both as width and height in pixels."""

    box: Box
    size: tuple[int, int]


def scaling(
    resize: Resize, width: float, height: float, target: tuple[int, int], share: float = 1.0
) -> Scaling:
    """Plan for a picture of ``width`` × ``height``; ``target`` is width and height.

    A crop shows ``share`` of the side that just fits.
    """
    wide, high = target
    if resize == "crop":
        fits_width = wide * height >= high * width
        part_wide = share * (width if fits_width else wide * height / high)
        part_high = share * (high * width / wide if fits_width else height)
        first = ((width - part_wide) / 2, (height - part_high) / 2)
        return Scaling(box=(*first, (width + part_wide) / 2, (height + part_high) / 2), size=target)
    if resize == "pad":
        shrink = min(wide / width, high / height)
        target = (min(wide, max(1, round(width * shrink))), min(high, max(1, round(height * shrink))))
    return Scaling(box=(0.0, 0.0, width, height), size=target)


def draft(picture: ImageFile, resize: Resize, target: tuple[int, int], share: float = 1.0) -> Box:
    """Let a JPEG decode at 1/2, 1/4 or 1/8 of its size as long as that is no smaller than what is wanted.

    Returns:
        What the decoded picture will show: 0, 0, width and height, fractional where the size did not divide.
    """
    width, height = picture.size
    plan = scaling(resize, width, height, target, share)
    left, top, right, bottom = plan.box
    # The size of the whole picture when its box has the planned size, free of rounding noise.
    whole = (
        math.ceil(round(plan.size[0] * width / (right - left), 6)),
        math.ceil(round(plan.size[1] * height / (bottom - top), 6)),
    )
    drafted = picture.draft(None, whole)
    return drafted[1] if drafted else (0, 0, width, height)


def scale(picture: PillowImage.Image, plan: Scaling, interpolation: Resampling) -> PillowImage.Image:
    """Carry the plan out; nothing is copied if the picture has the size already."""
    width, height = picture.size
    if plan.size == picture.size and plan.box == (0, 0, width, height):
        return picture
    left, top, right, bottom = plan.box
    box = (max(0.0, left), max(0.0, top), min(width, right), min(height, bottom))
    return picture.resize(plan.size, interpolation, box=box, reducing_gap=_REDUCING_GAP)


def orientation(picture: ImageFile) -> int:
    """The EXIF orientation, 1 to 8; 1 where there is none or it is broken: the pixels may still be good."""
    exif = picture.info.get("exif")
    return exif_orientation(exif) if isinstance(exif, bytes) else 1


def exif_orientation(exif: bytes) -> int:
    """Find the orientation in the first directory of EXIF data (a TIFF header, then 12 bytes an entry)."""
    tiff = exif.removeprefix(b"Exif\0\0")
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    if tiff[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    start = int.from_bytes(tiff[4:8], order)
    entries = int.from_bytes(tiff[start : start + 2], order)
    for at in range(start + 2, min(start + 2 + 12 * entries, len(tiff) - 11), 12):
        if int.from_bytes(tiff[at : at + 2], order) == _ORIENTATION_TAG:
            value = int.from_bytes(tiff[at + 8 : at + 10], order)
            return value if 1 <= value <= 8 else 1
    return 1
