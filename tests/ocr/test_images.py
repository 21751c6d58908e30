import io
import warnings

import cv2
import numpy as np
import pytest
from PIL import Image

from snapml_ocr.errors import UserError
from snapml_ocr.ocr.images import UnreadableImageError, find_images, read_image

RED = (0, 0, 255)


def saved(tmp_path, picture, name, **options):
    path = tmp_path / name
    picture.save(path, **options)
    return path


def flat(mode, colour, size=(40, 30)):
    return Image.new(mode, size, colour)


def assert_colour(path, bgr, tolerance=3, size=(30, 40)):
    pixels = read_image(path)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (*size, 3)
    assert np.abs(pixels.astype(int) - np.array(bgr)).max() <= tolerance


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "webp", "ppm"])
def test_colour_pictures_of_every_format(tmp_path, suffix):
    assert_colour(saved(tmp_path, flat("RGB", (255, 0, 0)), f"a.{suffix}"), RED, 4)


def test_a_grey_picture(tmp_path):
    assert_colour(saved(tmp_path, flat("L", 77), "a.png"), (77, 77, 77))


def test_a_picture_of_one_bit(tmp_path):
    assert_colour(saved(tmp_path, flat("1", 1), "a.png"), (255, 255, 255))


def test_a_palette_picture(tmp_path):
    picture = flat("RGB", (255, 0, 0)).convert("P", palette=Image.Palette.ADAPTIVE)
    assert_colour(saved(tmp_path, picture, "a.gif"), RED)


def test_a_cmyk_picture(tmp_path):
    assert_colour(saved(tmp_path, flat("CMYK", (0, 255, 255, 0)), "a.jpg"), RED, 4)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_lies_on_white(tmp_path, mode):
    colour = (0, 0, 0, 0) if mode == "RGBA" else (0, 0)
    assert_colour(saved(tmp_path, flat(mode, colour), "a.png"), (255, 255, 255))


def test_half_transparent_black_is_grey(tmp_path):
    assert_colour(saved(tmp_path, flat("RGBA", (0, 0, 0, 128)), "a.png"), (127, 127, 127))


def test_a_palette_picture_with_a_transparent_colour(tmp_path):
    picture = flat("P", 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    assert_colour(saved(tmp_path, picture, "a.png", transparency=0), (255, 255, 255))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_grey_picture_of_16_bits(tmp_path, name):
    picture = Image.fromarray(np.full((30, 40), 0x8000, np.uint16))
    assert_colour(saved(tmp_path, picture, name), (128, 128, 128))


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_all_depths_that_are_kept_in_16_bits(tmp_path, name, bits, channels):
    white = 2**bits - 1
    pixels = np.full((30, 40, channels), white, np.uint16)
    pixels[:, :20, :3] = white // 4
    pixels[:, :, 3:] = 65535
    assert cv2.imwrite(str(tmp_path / name), pixels)
    found = read_image(tmp_path / name)
    assert (found[0, 0].tolist(), found[0, 39].tolist()) == ([63 + (bits > 8)] * 3, [255] * 3)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.float32])
@pytest.mark.parametrize("white", [255, 65535, 2**31 - 1])
def test_pictures_of_32_bits(tmp_path, dtype, white):
    pixels = np.full((30, 40), white, dtype)
    pixels[:, :20] = white // 4
    Image.fromarray(pixels.view(np.int32) if dtype == np.uint32 else pixels).save(tmp_path / "a.tif")
    found = read_image(tmp_path / "a.tif")
    assert (found[0, 0].tolist(), found[0, 39].tolist()) == ([63 + (white > 255)] * 3, [255] * 3)


def test_values_below_zero_begin_the_scale(tmp_path):
    pixels = np.tile(np.array([-32768, 32767], np.int32), (30, 20))
    Image.fromarray(pixels).save(tmp_path / "a.tif")
    assert read_image(tmp_path / "a.tif")[0, :2, 0].tolist() == [0, 255]


@pytest.mark.parametrize("letters", [0, 60, 128, 200, 255])
@pytest.mark.parametrize("name", ["a.png", "a.gif", "a.webp", "a.tif"])
def test_letters_of_any_brightness_stand_out_from_a_transparent_ground(tmp_path, letters, name):
    pixels = np.zeros((30, 40, 4), np.uint8)
    pixels[10:20, 5:35] = (letters, letters, letters, 255)
    Image.fromarray(pixels).save(tmp_path / name, **({"lossless": True} if name == "a.webp" else {}))
    found = read_image(tmp_path / name).astype(int)
    assert abs(found[15, 20, 0] - letters) <= 2
    assert abs(found[15, 20, 0] - found[0, 0, 0]) >= 64


def test_black_and_white_letters_both_stand_out(tmp_path):
    pixels = np.zeros((30, 40, 4), np.uint8)
    pixels[10:20, 5:15] = (0, 0, 0, 255)
    pixels[10:20, 25:35] = (255, 255, 255, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png")[0, 0].tolist() == [128] * 3


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_a_colour_picture_of_16_bits(tmp_path, name):
    pixels = np.zeros((30, 40, 3), np.uint16)
    pixels[:, :, 2] = 0xFFFF
    assert cv2.imwrite(str(tmp_path / name), pixels)
    assert_colour(tmp_path / name, RED)


def test_a_floating_point_picture(tmp_path):
    picture = Image.fromarray(np.full((30, 40), 0.5, np.float32))
    assert_colour(saved(tmp_path, picture, "a.tif"), (128, 128, 128))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_exif_rotation_is_applied(tmp_path, orientation):
    upright = np.zeros((30, 40, 3), np.uint8)
    upright[:8, :8] = 255
    undo = {
        1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2), 4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2), 6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a.transpose(1, 0, 2), 2), 8: lambda a: np.rot90(a, 3),
    }  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(undo[orientation](upright)))
    found = read_image(saved(tmp_path, stored, "a.png", exif=exif))
    np.testing.assert_array_equal(found, upright)


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [flat("RGB", (255, 0, 0)), flat("RGB", (0, 255, 0))]
    assert_colour(saved(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:]), RED)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_the_smallest_pictures(tmp_path, size):
    path = saved(tmp_path, Image.new("RGB", size, (255, 0, 0)), "a.png")
    assert_colour(path, RED, size=(size[1], size[0]))


def test_a_large_picture(tmp_path):
    path = saved(tmp_path, Image.new("L", (12000, 8000), 9), "a.png", compress_level=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert read_image(path).shape == (8000, 12000, 3)


def test_a_picture_too_large_to_be_meant_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    with pytest.raises(UnreadableImageError, match="pixels; cut it"):
        read_image(saved(tmp_path, flat("L", 1), "a.png"))


def test_unicode_and_spaces_in_paths(tmp_path):
    folder = tmp_path / "Bücher und 書籍"
    folder.mkdir()
    assert_colour(saved(folder, flat("RGB", (255, 0, 0)), "naïve, 照片.png"), RED)


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "gif", "bmp", "webp"])
def test_a_truncated_picture_is_reported(tmp_path, suffix):
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    Image.fromarray(noise).save(buffer, {"jpg": "jpeg", "tif": "tiff"}.get(suffix, suffix))
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])
    with pytest.raises(UnreadableImageError, match=r"a damaged image|not an image"):
        read_image(path)


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", bytes(64)])
def test_what_is_no_image_is_reported(tmp_path, content):
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(UnreadableImageError, match=r"a\.jpg"):
        read_image(path)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(UnreadableImageError, match="no such image"):
        read_image(tmp_path / "a.png")


def test_a_folder_gives_its_images_by_name_and_nothing_else(tmp_path):
    for name in ["b.PNG", "a.jpg", "labels.json", ".hidden.png", "noise.txt"]:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "folder.png").mkdir()
    assert [image.name for image in find_images(tmp_path)] == ["a.jpg", "b.PNG"]


def test_a_file_is_taken_whatever_its_suffix(tmp_path):
    (tmp_path / "scan.dat").write_bytes(b"")
    assert find_images(tmp_path / "scan.dat") == [tmp_path / "scan.dat"]


def test_a_folder_without_images_is_an_error(tmp_path):
    with pytest.raises(UserError, match="holds no image"):
        find_images(tmp_path)


def test_a_folder_whose_images_lie_deeper_says_how_to_read_them(tmp_path):
    for name in ["b/2.png", "a/1.png", "a/.hidden/3.png", ".git/4.png"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(UserError, match="its subfolders hold 2, which --recursive reads"):
        find_images(tmp_path)
    assert find_images(tmp_path, recursive=True) == [tmp_path / "a/1.png", tmp_path / "b/2.png"]


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(UserError, match="no such image or folder"):
        find_images(tmp_path / "nothing")
