"""Images: from JPEG, PNG, WebP, GIF (first frame) and BMP to the pixels that a model takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL.Image import Image as Picture

from alaas.config import LimitSettings, PreprocessSettings
from alaas.errors import DecodeError
from alaas.modalities._base import Decoded, Modality
from alaas.modalities._checks import carried, refusal
from alaas.modalities._colours import flatten, sample_layout
from alaas.modalities._geometry import INTERPOLATIONS, TURNS, draft, orientation, scale, scaling
from alaas.modalities._picture import broken, open_picture, picture_format
from alaas.types import JSON, Item, ModalityName

_REVISION = 1
"""Goes up when the same settings give other pixels, so that cached features are not mistaken for new ones."""


class Image(Modality):
    """Decodes pictures upright, in RGB, at the model's size.

    Transparent parts show white; ``pad`` fills with black; 16-bit samples keep their high byte. A JPEG is
    decoded at a fraction of its size where that is enough, except for ``nearest``, which asks for the file's
    own pixels.

    Args:
        preprocess: the model's size, scaling and layout.
        limits: caps of bytes, pixels and seconds for one picture.
        input_name: the model's input that takes the pixels.
    """

    name: ClassVar[ModalityName] = "image"

    def __init__(
        self, *, preprocess: PreprocessSettings, limits: LimitSettings, input_name: str = "pixels"
    ) -> None:
        self.preprocess = preprocess
        self.limits = limits
        self.input_name = input_name
        size = preprocess.size
        self._height, self._width = (size, size) if isinstance(size, int) else size
        self._interpolation = INTERPOLATIONS[preprocess.interpolation]
        # (x · scale − mean) / std as one product and one sum. Broadcast over whole planes or rows: along the
        # channels, numpy's inner loop would be three numbers long.
        mean, std = np.asarray(preprocess.mean), np.asarray(preprocess.std)
        factor, offset = (preprocess.scale / std).astype(np.float32), (-mean / std).astype(np.float32)
        self._channels_first = preprocess.layout == "nchw"
        if self._channels_first:
            self._factor, self._offset = factor[:, None, None], offset[:, None, None]
        else:
            self._factor, self._offset = np.tile(factor, self._width), np.tile(offset, self._width)

    @property
    def fingerprint(self) -> str:
        settings = self.preprocess.model_copy(update={"size": (self._height, self._width)})
        # What is not set says nothing, so that features from before it could be set are found.
        plain = settings.model_dump_json(exclude={"crop_share"} if settings.crop_share == 1 else None)
        return f"image/{_REVISION} pillow/{PIL.__version__} {self.input_name} {plain}"

    def recipe(self) -> Mapping[str, JSON]:
        """The settings, with ``input`` and ``colours``: pixels · scale, less mean, divided by std."""
        settings: dict[str, JSON] = self.preprocess.model_dump(mode="json")
        settings["size"] = [self._height, self._width]
        return {"modality": self.name, "input": self.input_name, "colours": "RGB", **settings}

    def inline(self, item: Item) -> bytes | None:
        found = carried(item)
        if found not in ("content", "uri"):
            raise refusal(self.name, found)
        return item.content

    def decode(self, content: bytes) -> Decoded:
        """Decode one picture.

        Returns:
            Its pixels, shape (H, W, 3), uint8, read-only.

        Raises:
            DecodeError: not a picture, truncated, corrupt, or beyond the limits.
        """
        picture = open_picture(content, self.limits)
        try:
            small = self._render(picture)
            # tobytes packs once; np.asarray would do the same through a slower protocol.
            pixels = np.frombuffer(small.tobytes(), dtype=np.uint8).reshape(small.height, small.width, 3)
        except DecodeError:
            raise
        except Exception as error:
            raise broken(picture_format(content), len(content), error) from error
        return pixels if pixels.shape == (self._height, self._width, 3) else self._padded(pixels)

    def example(self) -> Decoded:
        """Noise: pixels that are all alike would let some processors skip work."""
        shape = (self._height, self._width, 3)
        return np.random.default_rng(0).integers(0, 256, size=shape, dtype=np.uint8)

    def _render(self, picture: Any) -> Picture:
        """Load, scale and turn upright, in the order that touches the fewest pixels."""
        how, share = self.preprocess.resize, self.preprocess.crop_share
        nearest = self.preprocess.interpolation == "nearest"
        layout = sample_layout(picture)
        turn = orientation(picture)
        extent = (0, 0, *picture.size) if nearest else draft(picture, how, self._target(turn), share)
        picture.load()
        if picture.format == "PNG":
            turn = orientation(picture)  # a PNG may say it after the pixels
        plan = scaling(how, extent[2], extent[3], self._target(turn), share)
        small = scale(flatten(picture, layout), plan, self._interpolation)
        if turn in TURNS:
            small = small.transpose(TURNS[turn])
        return small if small.mode == "RGB" else small.convert("RGB")

    def _target(self, turn: int) -> tuple[int, int]:
        """Width and height to scale to before the picture is turned."""
        return (self._height, self._width) if turn >= 5 else (self._width, self._height)

    def _padded(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        canvas = np.zeros((self._height, self._width, 3), dtype=np.uint8)
        height, width = pixels.shape[:2]
        top, left = (self._height - height) // 2, (self._width - width) // 2
        canvas[top : top + height, left : left + width] = pixels
        return canvas

    def collate(self, batch: Sequence[Decoded]) -> Mapping[str, NDArray[Any]]:
        """Stack and scale: (b, 3, H, W) or (b, H, W, 3), contiguous, in the dtype of the settings."""
        if self.preprocess.dtype == "uint8":
            pixels = np.stack(batch)
            if self._channels_first:
                pixels = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
            return {self.input_name: pixels}
        height, width = self._height, self._width
        shape = (3, height, width) if self._channels_first else (height, width * 3)
        scaled = np.empty((len(batch), *shape), dtype=np.float32)
        for image, out in zip(
            batch, scaled, strict=True
        ):  # one at a time, so that the sum finds it in the cache
            pixels = image.transpose(2, 0, 1) if self._channels_first else image.reshape(shape)
            np.multiply(pixels, self._factor, out=out)
            out += self._offset
        if not self._channels_first:
            scaled = scaled.reshape(len(batch), height, width, 3)
        return {self.input_name: scaled.astype(np.float16) if self.preprocess.dtype == "float16" else scaled}
