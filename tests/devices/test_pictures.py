"""Hostile and honest files: what is opened, what is refused, and what it costs this process."""

import os
import struct
import time
import zlib
from contextlib import suppress
from pathlib import Path
from threading import Event

import numpy as np
import psutil
import pytest
from PIL import Image

from hardware.pictures import MOST_PIXELS, SENTENCES, Fault, Limits, UnreadablePicture, pages
from hardware.scan import Grey
from tests.media import OURS, a_sheet, write, write_pdf
from tests.peaks import peak_of

GREY: Grey = np.random.default_rng(1).integers(0, 256, (300, 200), dtype=np.uint8)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(columns: int, rows: int) -> bytes:
    """A valid PNG of some 48 KB that unpacks to as many bytes as it has pixels."""
    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(50_000_000), 9)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def fault_of(path: Path, limits: Limits | None = None) -> Fault:
    with pytest.raises(UnreadablePicture) as error:
        list(pages(path, limits) if limits else pages(path))
    assert str(error.value) == SENTENCES[error.value.code]
    return error.value.code


@pytest.mark.parametrize("suffix", ["png", "jpg", "jpeg", "tif", "bmp", "webp"])
def test_every_kind_of_picture_is_opened(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", GREY)
    (page,) = pages(path)
    assert page.shape == GREY.shape
    assert abs(float(page.mean()) - float(GREY.mean())) < 3


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    write(tmp_path / "a.png", GREY).rename(tmp_path / "a.pdf")
    (page,) = pages(tmp_path / "a.pdf")
    assert np.array_equal(page, GREY)


def test_a_tiff_of_several_pages_gives_them_all(tmp_path: Path) -> None:
    first, *others = (Image.fromarray(GREY // n) for n in (1, 2, 3))
    first.save(tmp_path / "scan.tif", save_all=True, append_images=others)
    assert [int(page.max()) for page in pages(tmp_path / "scan.tif")] == [255, 127, 85]


def test_a_transparent_background_is_paper(tmp_path: Path) -> None:
    Image.new("RGBA", (60, 50), (0, 0, 0, 0)).save(tmp_path / "a.png")
    (page,) = pages(tmp_path / "a.png")
    assert int(page.min()) == 255


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path: Path) -> None:
    Image.fromarray(np.full((50, 60), 40_000, np.uint16)).save(tmp_path / "a.png")
    (page,) = pages(tmp_path / "a.png")
    assert abs(int(page[0, 0]) - 156) <= 1


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(GREY).save(tmp_path / "a.jpg", exif=turned)
    (page,) = pages(tmp_path / "a.jpg")
    assert page.shape == GREY.T.shape


def test_a_pdf_is_drawn_at_250_dpi(tmp_path: Path) -> None:
    (page,) = pages(write_pdf(tmp_path / "a.pdf", [OURS]))
    assert page.shape == (2924, 2067)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_bomb(20_000, 20_000))
    assert (tmp_path / "bomb.png").stat().st_size < 50_000
    process = psutil.Process()
    before = process.memory_info().rss
    began = time.monotonic()
    assert fault_of(tmp_path / "bomb.png") is Fault.TOO_MANY_PIXELS
    assert process.memory_info().rss - before < 10_000_000
    assert time.monotonic() - began < 3


def test_a_bomb_within_the_pixel_limit_ends_at_the_memory_limit(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_bomb(7000, 7000))
    process = psutil.Process()
    before = process.memory_info().rss
    tight = Limits(pixels=50_000_000, memory=120_000_000)
    assert fault_of(tmp_path / "bomb.png", tight) is Fault.TOO_MANY_PIXELS
    assert process.memory_info().rss - before < 10_000_000


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_truncated_picture_is_damaged(tmp_path: Path, suffix: str, share: float) -> None:
    path = write(tmp_path / f"a.{suffix}", GREY)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert fault_of(path) is Fault.DAMAGED


@pytest.mark.parametrize(
    "content",
    [b"hello", b"", b"RIFF\0\0\0\0AVI ", b"<svg onload='x'/>", b"GIF89a", b"\0asm"],
)
def test_what_is_no_picture_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    assert fault_of(tmp_path / "a.png") is Fault.NOT_A_PICTURE


def test_an_encrypted_pdf_is_named_as_such(tmp_path: Path) -> None:
    assert fault_of(write_pdf(tmp_path / "a.pdf", [OURS], password="x")) is Fault.ENCRYPTED


def test_a_broken_pdf_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n" + bytes(500))
    assert fault_of(tmp_path / "a.pdf") is Fault.DAMAGED


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["1"] * 51)
    assert fault_of(path) is Fault.TOO_MANY_PAGES


def test_a_stack_of_fifty_pages_is_read_page_by_page(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", ["1"] * 50)
    process = psutil.Process()
    before = process.memory_info().rss
    shapes = {page.shape for page in pages(path)}
    assert shapes == {(2924, 2067)}
    assert process.memory_info().rss - before < 30_000_000  # five pages would be as much


def test_a_file_nobody_waits_for_is_given_up_at_once(tmp_path: Path) -> None:
    stop = Event()
    opened = pages(write_pdf(tmp_path / "a.pdf", [OURS] * 50), stop=stop)
    next(opened)
    stop.set()
    began = time.monotonic()
    with pytest.raises(UnreadablePicture):
        list(opened)
    assert time.monotonic() - began < 1


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(20_000_001)
    assert fault_of(tmp_path / "a.png") is Fault.TOO_LARGE


def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", a_sheet())
    began = time.monotonic()
    assert fault_of(path, Limits(seconds=0.001)) is Fault.TOO_SLOW
    assert time.monotonic() - began < 2


def test_folders_pipes_and_missing_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert fault_of(tmp_path / "pipe.png") is Fault.NOT_A_FILE
    assert fault_of(tmp_path) is Fault.NOT_A_FILE
    assert fault_of(tmp_path / "none.png") is Fault.NOT_FOUND


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path) -> None:
    before = set(psutil.Process().children())
    reading = pages(write_pdf(tmp_path / "a.pdf", [OURS] * 5))
    next(reading)
    assert set(psutil.Process().children()) - before, "no child decoded it"
    reading.close()
    assert set(psutil.Process().children()) <= before


def tiff(columns: int, rows: int, next_page: int = 0) -> bytes:
    """A TIFF of one strip of nothing; `next_page` is where it says the next page lies."""
    tags = ((256, columns), (257, rows), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1),
            (278, rows), (279, 4))  # fmt: skip
    directory = struct.pack("<H", len(tags))
    directory += b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<I", 12) + bytes(4) + directory + struct.pack("<I", next_page)


def jpeg(columns: int, rows: int, folder: Path) -> bytes:
    """A small JPEG that says it is larger."""
    content = bytearray(write(folder / "small.jpg", GREY).read_bytes())
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", rows, columns)
    return bytes(content)


def bmp(columns: int, rows: int, folder: Path) -> bytes:
    content = bytearray(write(folder / "small.bmp", GREY).read_bytes())
    content[18:26] = struct.pack("<ii", columns, rows)
    return bytes(content)


def pdf(side: int, image: int) -> bytes:
    """A page of that many points, with a picture of `image` by `image` points packed in it."""
    packed = zlib.compress(zlib.compress(bytes(100_000_000), 9), 9)
    picture = (
        f"/Type/XObject/Subtype/Image/Width {image}/Height {image}/ColorSpace/DeviceGray"
        f"/BitsPerComponent 8/Filter[/FlateDecode/FlateDecode]/Length {len(packed)}"
    )
    drawn = f"{side} 0 0 {side} 0 0 cm /I Do"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {side} {side}]/Contents 4 0 R"
        f"/Resources<</XObject<</I 5 0 R>>>>>>".encode(),
        f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream".encode(),
        f"<<{picture}>>stream\n".encode() + packed + b"\nendstream",
    )
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, text) for n, text in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n"


def pdf_of_pages(side: int, count: int) -> bytes:
    """White pages of that many points."""
    kids = " ".join(f"{number} 0 R" for number in range(3, count + 3))
    box = f"/MediaBox[0 0 {side} {side}]"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>",
        *[f"<</Type/Page/Parent 2 0 R{box}>>"] * count,
    )
    body = "".join(f"{n} 0 obj\n{text}\nendobj\n" for n, text in enumerate(objects, 1))
    return f"%PDF-1.7\n{body}trailer<</Root 1 0 R/Size {count + 3}>>\n%%EOF\n".encode()


BOMBS = {
    "png": lambda _folder: png_bomb(20_000, 20_000),
    "png within the pixels": lambda _folder: png_bomb(6_000, 6_000),
    "tiff": lambda _folder: tiff(60_000, 60_000),
    "tiff that is its own next page": lambda _folder: tiff(10, 10, next_page=12),
    "jpeg": lambda folder: jpeg(65_500, 65_500, folder),
    "jpeg within the pixels": lambda folder: jpeg(6_300, 6_300, folder),
    "bmp": lambda folder: bmp(60_000, 60_000, folder),
    "pdf of a huge page": lambda _folder: pdf(200_000, 10),
    "pdf of many large pages": lambda _folder: pdf_of_pages(1_800, 4),
    "pdf with a huge picture": lambda _folder: pdf(600, 30_000),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_no_bomb_makes_this_process_grow_by_fifty_megabytes(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[kind](tmp_path))
    assert path.stat().st_size < 200_000
    process = psutil.Process()
    before = process.memory_info().rss
    with (
        peak_of(lambda: process.memory_info().rss, each=0.001) as most,
        suppress(UnreadablePicture),  # most are; a page that is small enough may come of some
    ):
        for page in pages(path):
            assert page.size <= MOST_PIXELS
            del page
    assert most[0] - before < 50_000_000
