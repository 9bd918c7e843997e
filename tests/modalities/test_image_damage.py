"""Images that are none, broken, too large or made to be slow."""

import struct
import time

import numpy as np
import pictures
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import PICTURES, grey_samples, palette, rgb
from PIL import Image as PillowImage

from alaas.config import LimitSettings, PreprocessSettings
from alaas.errors import DecodeError
from alaas.modalities.image import Image


def image(limits=None, **preprocess):
    preprocess = {"size": (48, 64), "resize": "squash", **preprocess}
    return Image(preprocess=PreprocessSettings(**preprocess), limits=limits or LimitSettings())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"hello, this is a text", "not an image: starts with b'hello"),
        (b"%PDF-1.7 ", "a PDF document"),
        (b"II*\0" + bytes(40), "a TIFF picture"),
        (b"\xff\xd8\xff", "truncated JPEG"),
    ],
)
def test_what_is_no_picture_is_named(content, words):
    with pytest.raises(DecodeError, match=words):
        image().decode(content)


@pytest.mark.parametrize("name", ["jpeg", "jpeg progressive", "png", "webp", "gif", "bmp"])
def test_truncated_pictures_are_called_truncated(name):
    content = PICTURES[name][0]()
    with pytest.raises(DecodeError, match="truncated"):
        image().decode(content[: len(content) * 2 // 3])


def test_a_corrupt_png_is_called_corrupt():
    content = bytearray(pictures.save(rgb(), "PNG"))
    content[content.index(b"IDAT") + 12] ^= 0xFF
    with pytest.raises(DecodeError, match="corrupt PNG"):
        image().decode(bytes(content))


def gif_header(width, height, left=0):
    frame = b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + b"\x08\x02\x44\x01\0;"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + frame


HUGE = {
    "png": lambda: pictures.png(grey_samples([0, 1, 1, 0]), 1, 0, told=(100_000, 100_000)),
    "jpeg": lambda: pictures.save(rgb(), "JPEG").replace(
        struct.pack(">HH", 48, 64), struct.pack(">HH", 65_000, 65_000)
    ),
    "webp lossy": lambda: pictures.save(rgb(), "WEBP").replace(
        struct.pack("<HH", 64, 48), struct.pack("<HH", 16_000, 16_000)
    ),
    "webp canvas": lambda: b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff" * 6,
    "webp lossless": lambda: (
        b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f" + bytes(6)
    ),
    "gif": lambda: gif_header(60_000, 60_000),
    "gif frame beyond the screen": lambda: gif_header(100, 60_000, left=60_000),
    "bmp": lambda: pictures.save(rgb(), "BMP").replace(
        struct.pack("<II", 64, 48), struct.pack("<II", 50_000, 50_000)
    ),
}


@pytest.mark.parametrize("name", HUGE)
def test_the_pixel_cap_is_checked_before_decoding(name):
    with pytest.raises(DecodeError, match=r"pixels, more than the 100,000,000 of limits\.max_pixels"):
        image().decode(HUGE[name]())


def test_a_gif_frame_beyond_its_screen_enlarges_the_picture():
    content = pictures.save(palette(), "GIF")
    small = content[:6] + struct.pack("<HH", 8, 8) + content[10:]
    pictures.assert_quadrants(image().decode(small))


def test_the_pixel_cap_is_exact():
    content = PICTURES["png"][0]()
    image(LimitSettings(max_pixels=64 * 48)).decode(content)
    with pytest.raises(DecodeError, match="64 × 48 is 3,072 pixels"):
        image(LimitSettings(max_pixels=64 * 48 - 1)).decode(content)


def test_a_large_picture_neither_warns_nor_touches_pillows_own_limit():
    before = PillowImage.MAX_IMAGE_PIXELS
    bilevel = PillowImage.new("1", (9500, 9500), 1)
    assert before < 9500 * 9500
    assert (image().decode(pictures.save(bilevel, "PNG")) == 255).all()
    assert before == PillowImage.MAX_IMAGE_PIXELS


def test_the_byte_cap_is_exact():
    content = PICTURES["png"][0]()
    image(LimitSettings(max_item_bytes=len(content))).decode(content)
    with pytest.raises(DecodeError, match="bytes, more than"):
        image(LimitSettings(max_item_bytes=len(content) - 1)).decode(content)


def test_a_picture_made_to_be_slow_is_stopped():
    content = pictures.slow_jpeg(4000, 3000)
    started = time.monotonic()
    with pytest.raises(DecodeError, match="max_decode_seconds"):
        image(LimitSettings(max_decode_seconds=0.2)).decode(content)
    assert time.monotonic() - started < 10


FUZZED = [PICTURES[name][0]() for name in ("jpeg", "jpeg progressive", "jpeg cmyk of adobe")]
FUZZED += [PICTURES[name][0]() for name in ("png palette, alpha an entry", "png rgba of 16 bits")]
FUZZED += [PICTURES[name][0]() for name in ("webp alpha", "webp", "gif animation", "bmp", "bmp palette")]
FUZZED += [pictures.save(rgb(), form, exif=pictures.exif(6)) for form in ("JPEG", "PNG", "WEBP")]


@st.composite
def damaged(draw):
    content = bytearray(draw(st.sampled_from(FUZZED)))
    places = st.integers(0, min(len(content) - 1, draw(st.sampled_from([64, 512, 100_000]))))
    for place in draw(st.lists(places, max_size=8)):
        content[place] = draw(st.one_of(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]), st.integers(0, 255)))
    start, length = draw(places), draw(st.sampled_from([0, 0, 1, 4, 100]))
    if draw(st.booleans()):
        content[start:start] = content[start : start + length]
    else:
        del content[start : start + length]
    return bytes(content[: draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged(), st.sampled_from(["squash", "crop", "pad"]))
def test_damaged_pictures_give_pixels_or_a_decode_error(content, resize):
    modality = image(LimitSettings(max_pixels=1_000_000, max_decode_seconds=5), size=(12, 16), resize=resize)
    try:
        pixels = modality.decode(content)
    except DecodeError:
        return
    assert pixels.shape == (12, 16, 3)
    assert pixels.dtype == np.uint8
