"""Pictures whose right pixels are obvious: four quadrants of different colours, in every format."""

import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

RED, GREEN, BLUE, GREY = (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)
QUADRANTS = (RED, GREEN, BLUE, GREY)


def quadrants(width=64, height=48, colours=QUADRANTS):
    """Top left, top right, bottom left, bottom right; shape (height, width, 3), uint8."""
    top_left, top_right, bottom_left, bottom_right = colours
    pixels = np.empty((height, width, 3), dtype=np.uint8)
    pixels[: height // 2, : width // 2] = top_left
    pixels[: height // 2, width // 2 :] = top_right
    pixels[height // 2 :, : width // 2] = bottom_left
    pixels[height // 2 :, width // 2 :] = bottom_right
    return pixels


def assert_quadrants(pixels, colours=QUADRANTS, tolerance=0):
    """The middle of each quadrant has its colour."""
    height, width = pixels.shape[:2]
    for row, column, colour in zip((1, 1, 3, 3), (1, 3, 1, 3), colours, strict=True):
        found = pixels[row * height // 4, column * width // 4].astype(int)
        assert np.abs(found - colour).max() <= tolerance, f"({row}, {column}): {found}, expected {colour}"


def save(picture, form, **options):
    """The bytes of a Pillow picture or an array in a format."""
    picture = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    with io.BytesIO() as file:
        picture.save(file, form, **options)
        return file.getvalue()


def png(samples, depth, colour_type, extra=b"", told=None):
    """A PNG made by hand: ``samples`` (height, width, channels); ``extra`` goes between header and pixels.

    ``told`` is the width and height that its header tells, by default the true ones.
    """
    height, width, channels = samples.shape
    if depth == 16:
        rows = [row.astype(">u2").tobytes() for row in samples]
    else:
        bits = np.unpackbits(samples.astype(np.uint8).reshape(height, -1, 1), axis=2)[:, :, 8 - depth :]
        rows = [np.packbits(row).tobytes() for row in bits.reshape(height, width * channels * depth)]
    header = struct.pack(">IIBBBBB", *(told or (width, height)), depth, colour_type, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


def chunk(name, content):
    """One PNG chunk."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def exif(orientation):
    """EXIF data that says nothing but the orientation."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def stored(upright, orientation):
    """How a camera held that way stores the picture: what the orientation must undo (EXIF 2.32, 4.6.4)."""
    return np.ascontiguousarray(
        {
            1: upright,
            2: upright[:, ::-1],
            3: upright[::-1, ::-1],
            4: upright[::-1],
            5: upright.swapaxes(0, 1),
            6: np.rot90(upright),
            7: upright[::-1, ::-1].swapaxes(0, 1),
            8: np.rot90(upright, -1),
        }[orientation]
    )


def segments(jpeg):
    """The marker segments of a JPEG: (marker, bytes), the entropy-coded data with the scan it follows."""
    at, found = 2, []
    while at < len(jpeg):
        marker = jpeg[at + 1]
        if marker == 0xD9:
            found.append((marker, jpeg[at:]))
            break
        end = at + 2 + struct.unpack_from(">H", jpeg, at + 2)[0]
        if marker == 0xDA:
            while not (jpeg[end] == 0xFF and jpeg[end + 1] not in (0, *range(0xD0, 0xD8))):
                end += 1
        found.append((marker, jpeg[at:end]))
        at = end
    return found


def cmyk_jpeg(pixels, adobe=True):
    """A CMYK JPEG, its inks inverted as Adobe's programs write them, or plain and without their marker."""
    inks = Image.fromarray(pixels).convert("CMYK")
    if adobe:
        return save(inks, "JPEG", quality=95)
    # Pillow writes inverted inks and Adobe's marker: invert once more and take the marker out.
    plain = Image.merge("CMYK", [ImageOps.invert(ink) for ink in inks.split()])
    jpeg = save(plain, "JPEG", quality=95)
    return b"\xff\xd8" + b"".join(part for marker, part in segments(jpeg) if marker != 0xEE)


def slow_jpeg(side, scans):
    """A progressive JPEG whose last scan, which goes over every block, is repeated."""
    grey = Image.new("L", (side, side), 128)
    parts = segments(save(grey, "JPEG", progressive=True))
    last = max(index for index, (marker, _) in enumerate(parts) if marker == 0xDA)
    repeated = [part for _, part in parts[: last + 1]] + [parts[last][1]] * scans
    return b"\xff\xd8" + b"".join(repeated) + b"\xff\xd9"


ALPHA = np.array([[255, 0], [128, 255]], dtype=np.uint8).repeat(24, 0).repeat(32, 1)
"""Opaque, transparent, half, opaque."""
ON_WHITE = (RED, WHITE, (127, 127, 255), GREY)


def rgb(mode="RGB"):
    return Image.fromarray(quadrants()).convert(mode)


def with_alpha():
    picture = rgb("RGBA")
    picture.putalpha(Image.fromarray(ALPHA))
    return picture


def palette():
    picture = Image.fromarray(
        np.array([[0, 1], [2, 3]], dtype=np.uint8).repeat(24, 0).repeat(32, 1), mode="P"
    )
    picture.putpalette([value for colour in QUADRANTS for value in colour])
    return picture


def grey_samples(values):
    return np.array(values, dtype=np.uint16).reshape(2, 2).repeat(24, 0).repeat(32, 1)[:, :, None]


def greys(*shades):
    return tuple((shade,) * 3 for shade in shades)


def deep(pixels, low=0x7F):
    """8-bit pixels as 16-bit samples with something in the low byte."""
    return pixels.astype(np.uint16) << 8 | low


def alpha_samples(colours):
    return np.concatenate([colours, ALPHA[:, :, None]], axis=2)


LUMA = greys(76, 150, 29, 128)  # ITU-R 601 of the four colours
PNG_KEY = chunk(b"tRNS", struct.pack(">HHH", *GREEN))
DEEP_KEY = chunk(b"tRNS", struct.pack(">HHH", *(value << 8 | 0x7F for value in GREEN)))

PICTURES = {
    "jpeg": (lambda: save(rgb(), "JPEG", quality=95), QUADRANTS, 4),
    "jpeg progressive": (
        lambda: save(rgb(), "JPEG", quality=95, progressive=True),
        QUADRANTS,
        4,
    ),
    "jpeg grey": (lambda: save(rgb("L"), "JPEG", quality=95), LUMA, 3),
    "jpeg cmyk of adobe": (lambda: cmyk_jpeg(quadrants()), QUADRANTS, 4),
    "jpeg cmyk plain": (lambda: cmyk_jpeg(quadrants(), adobe=False), QUADRANTS, 4),
    "png": (lambda: save(rgb(), "PNG"), QUADRANTS, 0),
    "png bilevel": (
        lambda: png(grey_samples([0, 1, 1, 0]), 1, 0),
        greys(0, 255, 255, 0),
        0,
    ),
    "png grey of 2 bits": (lambda: png(grey_samples([0, 1, 2, 3]), 2, 0), greys(0, 85, 170, 255), 0),
    "png grey of 4 bits": (
        lambda: png(grey_samples([0, 5, 10, 15]), 4, 0),
        greys(0, 85, 170, 255),
        0,
    ),
    "png grey": (lambda: save(rgb("L"), "PNG"), LUMA, 1),
    "png grey of 16 bits": (
        lambda: png(grey_samples([0, 0x40FF, 0x8000, 0xFFFF]), 16, 0),
        greys(0, 0x40, 0x80, 0xFF),
        0,
    ),
    "png grey, a transparent shade": (
        lambda: png(grey_samples([0, 9, 50, 200]), 8, 0, chunk(b"tRNS", b"\0\x09")),
        greys(0, 255, 50, 200),
        0,
    ),
    "png bilevel, black transparent": (
        lambda: png(grey_samples([0, 1, 1, 0]), 1, 0, chunk(b"tRNS", b"\0\0")),
        greys(255, 255, 255, 255),
        0,
    ),
    "png grey of 4 bits, a transparent shade": (
        lambda: png(grey_samples([0, 5, 10, 15]), 4, 0, chunk(b"tRNS", b"\0\x05")),
        greys(0, 255, 170, 255),
        0,
    ),
    "png grey of 16 bits, a transparent shade": (
        lambda: png(grey_samples([0, 0x40FF, 0x40FE, 0xFFFF]), 16, 0, chunk(b"tRNS", b"\x40\xff")),
        greys(0, 255, 0x40, 0xFF),
        0,
    ),
    "png rgb, a transparent colour": (
        lambda: png(quadrants(), 8, 2, PNG_KEY),
        (RED, WHITE, BLUE, GREY),
        0,
    ),
    "png rgb of 16 bits": (lambda: png(deep(quadrants()), 16, 2), QUADRANTS, 0),
    "png rgb of 16 bits, a transparent colour": (
        lambda: png(deep(quadrants()), 16, 2, DEEP_KEY),
        (RED, WHITE, BLUE, GREY),
        0,
    ),
    "png palette": (lambda: save(palette(), "PNG"), QUADRANTS, 0),
    "png palette, a transparent entry": (
        lambda: save(palette(), "PNG", transparency=1),
        (RED, WHITE, BLUE, GREY),
        0,
    ),
    "png palette, alpha an entry": (
        lambda: save(palette(), "PNG", transparency=bytes([255, 0, 128, 255])),
        ON_WHITE,
        1,
    ),
    "png rgba": (lambda: save(with_alpha(), "PNG"), ON_WHITE, 1),
    "png rgba of 16 bits": (
        lambda: png(deep(alpha_samples(quadrants())), 16, 6),
        ON_WHITE,
        1,
    ),
    "png grey and alpha": (
        lambda: png(alpha_samples(grey_samples([0, 80, 160, 240])), 8, 4),
        greys(0, 255, 207, 240),
        1,
    ),
    "png grey and alpha of 16 bits": (
        lambda: png(deep(alpha_samples(grey_samples([0, 80, 160, 240]))), 16, 4),
        greys(0, 255, 207, 240),
        1,
    ),
    "webp": (lambda: save(rgb(), "WEBP", quality=95), QUADRANTS, 8),
    "webp lossless": (lambda: save(rgb(), "WEBP", lossless=True), QUADRANTS, 0),
    "webp alpha": (lambda: save(with_alpha(), "WEBP", lossless=True), ON_WHITE, 1),
    "webp animation": (
        lambda: save(rgb(), "WEBP", lossless=True, save_all=True, append_images=[Image.new("RGB", (64, 48))]),
        QUADRANTS,
        0,
    ),
    "gif": (lambda: save(palette(), "GIF"), QUADRANTS, 0),
    "gif grey": (lambda: save(rgb("L"), "GIF"), LUMA, 1),
    "gif, a transparent entry": (
        lambda: save(palette(), "GIF", transparency=1),
        (RED, WHITE, BLUE, GREY),
        0,
    ),
    "gif animation": (
        lambda: save(palette(), "GIF", save_all=True, append_images=[Image.new("RGB", (64, 48))]),
        QUADRANTS,
        0,
    ),
    "bmp": (lambda: save(rgb(), "BMP"), QUADRANTS, 0),
    "bmp grey": (lambda: save(rgb("L"), "BMP"), LUMA, 1),
    "bmp palette": (lambda: save(palette(), "BMP"), QUADRANTS, 0),
    "bmp bilevel": (
        lambda: save(rgb("L").point(lambda shade: 255 * (shade > 100)).convert("1"), "BMP"),
        greys(0, 255, 0, 255),
        0,
    ),
    "bmp alpha": (lambda: save(with_alpha(), "BMP"), QUADRANTS, 255),
}
