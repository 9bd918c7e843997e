"""Every colour model that the formats know, brought to plain grey or RGB of 8 bits.

What is transparent shows white, as on a page: encoders were trained on opaque pictures, and the colour that
files store under a transparent pixel is arbitrary.
"""

from __future__ import annotations

import numpy as np
from PIL import Image as PillowImage
from PIL import ImageChops
from PIL.ImageFile import ImageFile

_WHITE = 255
_SAMPLE_STEP = {"L;2": 85, "L;4": 17}
"""By how much Pillow multiplies the samples of a grey PNG of less than 8 bits."""


def sample_layout(picture: ImageFile) -> str:
    """How the file packs a pixel, such as ``RGB;16B``; known only until the pixels are loaded."""
    layout = picture.tile[0].args if picture.tile else None
    return layout if isinstance(layout, str) else ""


def flatten(picture: ImageFile, layout: str) -> PillowImage.Image:
    """Return a loaded picture in mode L or RGB; ``layout`` is what ``sample_layout`` said before loading."""
    mode, key = picture.mode, picture.info.get("transparency")
    if mode == "CMYK":
        # Pillow takes every CMYK JPEG for one of Adobe's, which store 255 − ink; others store the ink.
        inks = picture if "adobe" in picture.info else ImageChops.invert(picture)
        return inks.convert("RGB")
    if mode.startswith("I"):
        return _from_deep_grey(picture, key)
    if mode in ("1", "L"):
        # Pillow also gives the key of a bilevel picture as 0 or 255.
        return _without_key(picture.convert("L"), key, _SAMPLE_STEP.get(layout, 1))
    if mode == "RGB" and isinstance(key, tuple) and layout == "RGB;16B":
        picture.info["transparency"] = tuple(value >> 8 for value in key)  # as the pixels were
    return _on_white(picture.convert("RGBA")) if picture.has_transparency_data else picture.convert("RGB")


def _from_deep_grey(picture: PillowImage.Image, key: object) -> PillowImage.Image:
    """16 to 8 bits by the high byte, as for 16-bit RGB; Pillow's own conversion would clip at 255."""
    deep = np.asarray(picture)
    grey = (deep >> 8).astype(np.uint8)
    if isinstance(key, int):
        grey[deep == key] = _WHITE
    return PillowImage.fromarray(grey)


def _without_key(grey: PillowImage.Image, key: object, step: int) -> PillowImage.Image:
    if not isinstance(key, int) or not 0 <= key * step <= _WHITE:
        return grey
    shades = list(range(256))
    shades[key * step] = _WHITE
    return grey.point(shades)


def _on_white(picture: PillowImage.Image) -> PillowImage.Image:
    page = PillowImage.new("RGB", picture.size, "white")
    page.paste(picture, mask=picture)
    return page
