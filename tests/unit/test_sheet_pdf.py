"""The PDF's objects as a printer and a screen reader meet them, seen through pdfium."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pytest
from pypdfium2 import raw

from issuer import a4
from issuer.layout import lay_out
from issuer.marks import Symbol, Text
from shared.domain import Purpose
from tests.paper import LONG_NAME, facts

RARE_NAME = "𠮷田髙﨑　太郎（00000001）"
SHEETS = [(purpose, name) for purpose in Purpose for name in ("見本　太郎", LONG_NAME, RARE_NAME)]
every_sheet = pytest.mark.parametrize(
    ("purpose", "name"), SHEETS, ids=[f"{purpose}-{len(name)}" for purpose, name in SHEETS]
)


@contextmanager
def opened(
    purpose: Purpose, name: str
) -> Iterator[tuple[pypdfium2.PdfDocument, pypdfium2.PdfPage]]:
    """The sheet's file, and its only page."""
    document = pypdfium2.PdfDocument(a4.as_pdf(facts(purpose, name)))
    try:
        assert len(document) == 1
        yield document, document[0]
    finally:
        document.close()


def utf16(read, *what) -> str:  # type: ignore[no-untyped-def]
    """A text that pdfium writes into a buffer: bytes first asked for, then filled."""
    size = read(*what, None, 0)
    buffer = (ctypes.c_ushort * size)()
    read(*what, buffer, size)
    return bytes(buffer)[:size].decode("utf-16-le").rstrip("\0")


def elements(page: pypdfium2.PdfPage) -> list[tuple[str, str]]:
    """What is read aloud, in order: structure type and alternative text."""
    tree = raw.FPDF_StructTree_GetForPage(page)
    try:
        assert raw.FPDF_StructTree_CountChildren(tree) == 1
        root = raw.FPDF_StructTree_GetChildAtIndex(tree, 0)
        children = [
            raw.FPDF_StructElement_GetChildAtIndex(root, number)
            for number in range(raw.FPDF_StructElement_CountChildren(root))
        ]
        return [
            (utf16(raw.FPDF_StructElement_GetType, child),
             utf16(raw.FPDF_StructElement_GetAltText, child))
            for child in children
        ]  # fmt: skip
    finally:
        raw.FPDF_StructTree_Close(tree)


@every_sheet
def test_the_file_is_pdf_1_4_tagged_japanese_and_titled(purpose: Purpose, name: str) -> None:
    with opened(purpose, name) as (document, _):
        assert document.get_version() == 14
        assert raw.FPDFCatalog_IsTagged(document)
        assert utf16(raw.FPDFCatalog_GetLanguage, document) == "ja-JP"
        assert document.get_metadata_value("Title") == a4.title(facts(purpose))
        assert raw.FPDF_GetSecurityHandlerRevision(document) == -1, "encrypted"


@every_sheet
def test_nothing_is_transparent_and_no_object_is_a_picture(purpose: Purpose, name: str) -> None:
    with opened(purpose, name) as (_, page):
        objects = list(page.get_objects())
        assert {found.type for found in objects} == {raw.FPDF_PAGEOBJ_TEXT, raw.FPDF_PAGEOBJ_PATH}
        assert not any(raw.FPDFPageObj_HasTransparency(found) for found in objects)
        assert not raw.FPDFPage_HasTransparency(page)


@every_sheet
def test_every_font_is_in_the_file(purpose: Purpose, name: str) -> None:
    with opened(purpose, name) as (_, page):
        fonts = [
            raw.FPDFTextObj_GetFont(found)
            for found in page.get_objects()
            if found.type == raw.FPDF_PAGEOBJ_TEXT
        ]
        assert len(fonts) > 10
        assert all(raw.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)


@every_sheet
def test_all_that_is_written_is_read_aloud_in_order_under_one_title(
    purpose: Purpose, name: str
) -> None:
    marks = [mark for mark in lay_out(facts(purpose, name)) if isinstance(mark, Text | Symbol)]
    with opened(purpose, name) as (_, page):
        read = elements(page)
    types = ["Figure" if isinstance(mark, Symbol) else str(mark.role) for mark in marks]
    assert [kind for kind, _ in read] == types
    assert "H1" in types
    assert [alt for kind, alt in read if kind == "Figure"] == ["二次元コード。窓口で読み取ります。"]


@every_sheet
def test_the_file_is_small_enough_for_any_printing_service(purpose: Purpose, name: str) -> None:
    assert len(a4.as_pdf(facts(purpose, name))) < 100_000
