"""Draws marks into a PDF: one A4 page, PDF 1.4 without transparency, fonts embedded, tagged.

Accepted by convenience-store printers, and read aloud in order by screen readers. The structure
tree is written by hand (ISO 32000-1, 14.7), since reportlab has none.
"""

import io
import re
import threading
from collections.abc import Sequence
from functools import cache

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from issuer.geometry import PAGE_HEIGHT, PAGE_WIDTH
from issuer.glyphs import Face, font_path, run_width, runs
from issuer.marks import Bar, Frame, Mark, Symbol, Text

AUTHOR = "軽自動車保有関係手続のワンストップサービス"
SYMBOL_READ_ALOUD = "二次元コード。窓口で読み取ります。"

_one_at_a_time = threading.Lock()
"""reportlab's font parser keeps a reading position in an object all documents share."""


class _SheetFont(TTFont):  # type: ignore[misc]
    """reportlab's font, with the one repair that lets 𠮷 be copied out of the PDF."""

    def addObjects(self, doc: pdfdoc.PDFDocument) -> None:  # noqa: N802
        super().addObjects(doc)
        for name, stored in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                stored.content = re.sub(r"<([0-9A-F]{5})>", _as_surrogates, stored.content)


def _as_surrogates(match: re.Match[str]) -> str:
    """ISO 32000-1, 9.10.3: a ToUnicode value is UTF-16BE; reportlab writes five bare digits."""
    return f"<{chr(int(match[1], 16)).encode('utf-16-be').hex().upper()}>"


@cache
def _register(face: Face) -> str:
    name = f"Sheet-{face}"
    pdfmetrics.registerFont(_SheetFont(name, font_path(face), asciiReadable=False))
    return name


def draw(marks: Sequence[Mark], title: str) -> bytes:
    """The whole PDF file. The same marks give the same bytes."""
    with _one_at_a_time:
        out = io.BytesIO()
        canvas = Canvas(
            out, pagesize=(PAGE_WIDTH * mm, PAGE_HEIGHT * mm), pdfVersion=(1, 4),
            lang="ja-JP", invariant=1, initialFontName=_register(Face.TEXT),
        )  # fmt: skip
        canvas.setTitle(title)
        canvas.setAuthor(AUTHOR)
        canvas.setCreator(AUTHOR)
        canvas.setSubject(title)
        canvas.setViewerPreference("DisplayDocTitle", "true")
        canvas.setViewerPreference("PrintScaling", "None")
        _Page(canvas).draw(marks)
        canvas.save()
        return out.getvalue()


class _Page:
    """One page being drawn, and the structure that grows with it."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._elements: list[tuple[str, str | None]] = []

    def draw(self, marks: Sequence[Mark]) -> None:
        """Draw everything and close the page."""
        for mark in marks:
            match mark:
                case Text():
                    self._tagged(mark.role, None)
                    self._text(mark)
                case Symbol():
                    self._tagged("Figure", SYMBOL_READ_ALOUD)
                    self._symbol(mark)
                case Bar():
                    self._code("/Artifact BMC")
                    self._rectangle(mark)
                case Frame():
                    self._code("/Artifact BMC")
                    self._rectangle(mark)
            self._code("EMC")
        self._canvas.showPage()
        self._write_structure()

    def _code(self, operator: str) -> None:
        self._canvas._code.append(operator)

    def _tagged(self, structure_type: str, alternative: str | None) -> None:
        self._code(f"/{structure_type} <</MCID {len(self._elements)}>> BDC")
        self._elements.append((structure_type, alternative))

    def _text(self, text: Text) -> None:
        canvas, x = self._canvas, text.x
        canvas.setFillGray(1 if text.white else 0)
        for run in runs(text.content, text.face):
            canvas.setFont(_register(run.face), text.size)
            canvas.drawString(x * mm, (PAGE_HEIGHT - text.y) * mm, run.text)
            x += run_width(run, text.size)

    def _rectangle(self, mark: Bar | Frame) -> None:
        canvas, box = self._canvas, mark.box
        canvas.setFillGray(0)
        if isinstance(mark, Frame):
            canvas.setLineWidth(mark.stroke * mm)
        canvas.rect(
            box.left * mm, (PAGE_HEIGHT - box.bottom) * mm, box.width * mm, box.height * mm,
            stroke=int(isinstance(mark, Frame)), fill=int(isinstance(mark, Bar)),
        )  # fmt: skip

    def _symbol(self, symbol: Symbol) -> None:
        """All modules as one path: filled at once, no hairlines between rows."""
        canvas, side = self._canvas, symbol.module
        path = canvas.beginPath()
        for column, row, length in symbol.dark_runs():
            top = symbol.box.top + (row + 1) * side
            left = symbol.box.left + column * side
            path.rect(left * mm, (PAGE_HEIGHT - top) * mm, length * side * mm, side * mm)
        canvas.setFillGray(0)
        canvas.drawPath(path, stroke=0, fill=1)

    def _write_structure(self) -> None:
        document = self._canvas._doc
        page = document.Pages.pages[0]
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents"]
        page.StructParents = 0
        page_reference = document.Reference(page)
        root, whole = pdfdoc.PDFDictionary(), pdfdoc.PDFDictionary()
        root_reference = document.Reference(root, "StructTreeRoot")
        whole_reference = document.Reference(whole, "StructDocument")
        elements = [
            self._element(number, whole_reference, page_reference)
            for number in range(len(self._elements))
        ]
        numbers = pdfdoc.PDFArray([0, pdfdoc.PDFArray(elements)])
        _fill(whole, Type=_name("StructElem"), S=_name("Document"), P=root_reference,
              Lang=pdfdoc.PDFString("ja-JP"), K=pdfdoc.PDFArray(elements))  # fmt: skip
        _fill(root, Type=_name("StructTreeRoot"), K=whole_reference, ParentTreeNextKey=1,
              ParentTree=pdfdoc.PDFDictionary({"Nums": numbers}))  # fmt: skip
        document.Catalog.StructTreeRoot = root_reference
        document.Catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})

    def _element(
        self, number: int, parent: pdfdoc.PDFObjectReference, page: pdfdoc.PDFObjectReference
    ) -> pdfdoc.PDFObjectReference:
        structure_type, alternative = self._elements[number]
        element = pdfdoc.PDFDictionary()
        _fill(element, Type=_name("StructElem"), S=_name(structure_type), P=parent, Pg=page)
        _fill(element, K=number)
        if alternative is not None:
            _fill(element, Alt=pdfdoc.PDFString(alternative))
        return self._canvas._doc.Reference(element, f"StructElement{number}")


def _name(name: str) -> pdfdoc.PDFName:
    return pdfdoc.PDFName(name)


def _fill(dictionary: pdfdoc.PDFDictionary, **entries: object) -> None:
    for key, value in entries.items():
        dictionary[key] = value
