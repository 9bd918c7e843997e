"""Images: every format and colour model, upright, at the model's size."""

import io

import numpy as np
import pictures
import pytest
from pictures import BLACK, BLUE, GREEN, GREY, PICTURES, QUADRANTS, RED, rgb
from PIL import Image as PillowImage

from alaas.config import LimitSettings, PreprocessSettings
from alaas.modalities.image import Image
from alaas.testing.modalities import ModalitySuite
from alaas.types import Item


def image(limits=None, input_name="pixels", **preprocess):
    preprocess = {"size": (48, 64), "resize": "squash", **preprocess}
    return Image(
        preprocess=PreprocessSettings(**preprocess), limits=limits or LimitSettings(), input_name=input_name
    )


class TestImage(ModalitySuite):
    def make(self):
        return image(resize="crop")

    def others(self):
        changes = (
            {"size": 224},
            {"resize": "pad"},
            {"interpolation": "bicubic"},
            {"scale": 1.0},
            {"mean": (0.5, 0.5, 0.5)},
            {"std": (0.5, 0.5, 0.5)},
            {"layout": "nhwc"},
            {"dtype": "uint8"},
            {"input_name": "images"},
        )
        return [image(**{"resize": "crop", **change}) for change in changes]

    def contents(self):
        names = ("jpeg", "jpeg progressive", "png rgba", "webp", "gif", "bmp")
        return [PICTURES[name][0]() for name in names]

    def strangers(self):
        return [Item(id="a", text="a text"), Item(id="b", row={"a": 1})]


@pytest.mark.parametrize("name", PICTURES)
def test_every_colour_model_becomes_rgb(name):
    make, expected, tolerance = PICTURES[name]
    pixels = image().decode(make())
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    pictures.assert_quadrants(pixels, expected, tolerance)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
def test_pictures_stand_upright(form, orientation, resize):
    upright = pictures.quadrants(96, 72)
    turned = pictures.stored(upright, orientation)
    content = pictures.save(turned, form, exif=pictures.exif(orientation), quality=95)
    pixels = image(size=(36, 48), resize=resize).decode(content)
    pictures.assert_quadrants(pixels, tolerance=8)


def test_a_png_may_tell_its_orientation_after_the_pixels():
    turned = pictures.stored(pictures.quadrants(), 6)
    content = pictures.save(turned, "PNG")
    end = content.index(b"IEND") - 4
    late = content[:end] + pictures.chunk(b"eXIf", pictures.exif(6)[6:]) + content[end:]
    pictures.assert_quadrants(image().decode(late))


@pytest.mark.parametrize(
    "broken",
    [b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0"],
)
def test_a_good_picture_with_broken_exif_is_a_good_picture(broken):
    content = pictures.save(rgb(), "JPEG", quality=95, exif=broken)
    pictures.assert_quadrants(image().decode(content), tolerance=4)


@pytest.mark.parametrize("size", [(40, 40), (80, 40), (40, 80), (1600, 800)])
def test_a_share_of_a_crop_leaves_the_rim_out(size):
    """All is black but the middle half of the crop, which a share of a half shows alone."""
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    half = min(size) // 4
    pixels[height // 2 - half : height // 2 + half, width // 2 - half : width // 2 + half] = 255
    for form in ("PNG", "JPEG"):
        content = pictures.save(pixels, form)
        assert image(size=10, resize="crop", crop_share=0.5).decode(content)[1:-1, 1:-1].min() > 230
        assert image(size=10, resize="crop").decode(content)[0, 0].max() < 30


def test_a_share_that_is_not_set_leaves_the_fingerprint_as_it_was():
    assert "crop_share" not in image().fingerprint
    assert "crop_share" in image(crop_share=0.5).fingerprint


def test_crop_keeps_the_centre():
    frame = np.zeros((40, 120, 3), dtype=np.uint8)
    frame[:, 40:80] = pictures.quadrants(40, 40)
    for pixels in (frame, frame.swapaxes(0, 1)):
        cropped = image(size=20, resize="crop").decode(pictures.save(pixels.copy(), "PNG"))
        expected = QUADRANTS if pixels is frame else (RED, BLUE, GREEN, GREY)
        pictures.assert_quadrants(cropped, expected)
        assert cropped.max(axis=2).min() > 0  # nothing of the black beside it


def test_pad_keeps_the_shape_on_black():
    pixels = image(size=40, resize="pad").decode(pictures.save(pictures.quadrants(80, 40), "PNG"))
    assert (pixels[:10] == BLACK).all()
    assert (pixels[30:] == BLACK).all()
    pictures.assert_quadrants(pixels[10:30])


@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
@pytest.mark.parametrize("size", [(1, 3000), (3000, 1), (1, 1), (2, 3)])
def test_any_shape_fits(resize, size):
    content = pictures.save(PillowImage.new("RGB", size, RED), "PNG")
    pixels = image(resize=resize).decode(content)
    assert pixels.shape == (48, 64, 3)
    assert {tuple(colour) for colour in pixels.reshape(-1, 3)} <= {RED, BLACK}
    assert (pixels[22:26, 30:34] == RED).all(axis=2).any()


@pytest.mark.parametrize(
    ("interpolation", "resample"), [("bilinear", 2), ("bicubic", 3), ("lanczos", 1), ("nearest", 0)]
)
def test_interpolation_is_the_one_asked_for(interpolation, resample):
    noise = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    expected = PillowImage.fromarray(noise).resize((64, 48), PillowImage.Resampling(resample))
    pixels = image(interpolation=interpolation).decode(pictures.save(noise, "PNG"))
    np.testing.assert_array_equal(pixels, np.asarray(expected))


@pytest.mark.parametrize("resize", ["squash", "crop", "pad"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_decoded_small_looks_like_one_decoded_whole(resize, orientation):
    rng = np.random.default_rng(1)
    smooth = PillowImage.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize((997, 741))
    jpeg = pictures.save(smooth, "JPEG", quality=95, subsampling=0, exif=pictures.exif(orientation))
    whole = pictures.save(PillowImage.open(io.BytesIO(jpeg)), "PNG", exif=pictures.exif(orientation))
    modality = image(size=(96, 64), resize=resize, interpolation="bicubic")
    drafted, expected = modality.decode(jpeg).astype(int), modality.decode(whole).astype(int)
    assert np.abs(drafted - expected).mean() < 1.5
    assert np.abs(drafted - expected).max() < 25


def test_large_pictures_are_reduced_first_without_a_visible_difference():
    rng = np.random.default_rng(2)
    smooth = PillowImage.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)).resize((1280, 960))
    exact = np.asarray(smooth.resize((64, 48), PillowImage.Resampling.BILINEAR)).astype(int)
    assert np.abs(image().decode(pictures.save(smooth, "PNG")) - exact).max() <= 3


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_collate_scales_as_declared(layout, dtype):
    modality = image(layout=layout, dtype=dtype, mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7), scale=1 / 127)
    batch = [modality.decode(PICTURES[name][0]()) for name in ("png", "jpeg")]
    pixels = np.stack(batch)
    if dtype != "uint8":
        pixels = ((pixels / 127.0) - [0.1, 0.2, 0.3]) / [0.5, 0.6, 0.7]
    expected = pixels.transpose(0, 3, 1, 2) if layout == "nchw" else pixels
    (found,) = modality.collate(batch).values()
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=1e-5 if dtype == "float32" else 1e-3, atol=1e-5)


def test_items_with_bytes_are_not_fetched():
    assert image().inline(Item(id="a", content=b"bytes")) == b"bytes"
    assert image().inline(Item(id="a", uri="a.jpg")) is None
