"""What issuing costs: a sheet's page beside the bare segno call for its code, and a sheet's PDF
beside the same page drawn by plain reportlab calls.

Run on demand: ``./run bench``. Peers run between our own calls, in the same process. Counted is
the processor's time of the least disturbed call, because machines are shared: waiting for the disk
to confirm the stored sheet is not in it. Ratios are asserted, no times.

"Issuing" is a key drawn, sealed, signed and stored in SQLite; "page" the view that makes the code
with segno, lays it out, draws it into SVG and puts it into the template. Their sum is asserted.
"Form" and "shown" are the two requests as a server makes them, with limits, CSRF, cookies and the
form's own questions to the registry. Outside are the
Outside are the socket and the browser.

Both PDFs have their code made by segno inside; "drawing" is without it.
"""

import io
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import segno
from flask import request
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from werkzeug.test import EnvironBuilder

from issuer import a4, pdf
from issuer.forms import SheetRequest, read_sheet_request
from issuer.geometry import PAGE_HEIGHT, PAGE_WIDTH
from issuer.glyphs import Face, font_path, run_width, runs
from issuer.layout import SheetFacts, lay_out
from issuer.limits import Limits
from issuer.marks import Bar, Frame, Mark, Symbol, Text
from issuer.sheets import issue_public
from tests.issuer_world import GOOD, World, a_press, make_world
from tests.paper import LONG_NAME, facts

pytestmark = pytest.mark.slow
ROUNDS = 120
PROCEDURES = {1: "継続検査"}
MOST_OF_SEGNO = 1.3
MOST_OF_REPORTLAB = 2.0
_FREE = Limits(issuing="99999/hour", drawing="99999/hour", everybody="99999/hour")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A portal that limits nobody."""
    built = make_world(tmp_path, a_press(), _FREE)
    yield built
    built.sessions.kw["bind"].dispose()


def test_a_sheets_page_beside_the_bare_segno_call(world: World) -> None:
    wish = read_sheet_request(GOOD, PROCEDURES)
    assert isinstance(wish, SheetRequest)
    visitor, text = _Visitor(world), _issued(world, wish).payload
    took: dict[str, list[float]] = {
        name: [] for name in ("segno", "issuing", "page", "form", "shown")
    }
    for _ in range(ROUNDS):
        took["segno"].append(_timed(lambda: _bare_segno(text)))
        took["issuing"].append(_timed(lambda: _issued(world, wish)))
        form, path = visitor.send_form()
        took["form"].append(form)
        took["page"].append(visitor.view(path))
        took["shown"].append(visitor.show(path))
    print(f"\n{ROUNDS} sheets, {len(text)} digits; milliseconds and ratio to bare segno")
    for name, values in took.items():
        _row(name, values, took["segno"])
    whole = _least(took["issuing"]) + _least(took["page"])
    print(f"{'issuing and page':17} {whole / _least(took['segno']):.2f}x")
    assert whole <= MOST_OF_SEGNO * _least(took["segno"])


@pytest.mark.parametrize("sheet", [facts(), facts(name=LONG_NAME)], ids=["short", "sixty"])
def test_a_pdf_beside_the_bare_reportlab_page(sheet: SheetFacts) -> None:
    marks = lay_out(sheet)
    _bare_reportlab(marks)
    ours, drawing, code, bare = [], [], [], []
    for _ in range(ROUNDS):
        ours.append(_timed(lambda: a4.as_pdf(sheet)))
        drawing.append(_timed(lambda: pdf.draw(marks, a4.title(sheet))))
        code.append(_timed(lambda: _bare_segno(sheet.payload)))
        bare.append(_timed(lambda: _bare_reportlab(marks)))
    whole = [a + b for a, b in zip(code, bare, strict=True)]
    print(f"\n{ROUNDS} files; milliseconds and ratio to the bare page")
    _row("reportlab", bare, bare)
    _row("drawing", drawing, bare)
    _row("segno too", whole, whole)
    _row("ours", ours, whole)
    assert _least(drawing) <= MOST_OF_REPORTLAB * _least(bare)
    assert _least(ours) <= MOST_OF_REPORTLAB * _least(whole)


def _issued(world: World, wish: SheetRequest) -> SheetFacts:
    portal = world.portal
    return issue_public(portal.sessions, portal.press, wish, PROCEDURES, world.clock())


class _Visitor:
    """One browser's cookie and form, sent straight to the application."""

    def __init__(self, world: World) -> None:
        self._app = world.app
        browser = world.browser()
        self._hidden = browser.hidden("/codes/new")
        cookies = browser.client._cookies.values()
        self._cookie = "; ".join(f"{c.decoded_key}={c.decoded_value}" for c in cookies)

    def send_form(self) -> tuple[float, str]:
        """Seconds for the form, and the address it leads to."""
        form = self._hidden | GOOD | {"form_token": secrets.token_hex(8)}
        took, headers = self._call(self._environ("/codes/new", urlencode(form).encode()))
        return took, headers["Location"]

    def show(self, path: str) -> float:
        """Seconds for the page as a request."""
        return self._call(self._environ(path))[0]

    def view(self, path: str) -> float:
        """Seconds for the page's view alone."""
        with self._app.request_context(self._environ(path)):
            view = self._app.view_functions[str(request.endpoint)]
            return _timed(lambda: view(**(request.view_args or {})))

    def _environ(self, path: str, form: bytes = b"") -> dict[str, object]:
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return EnvironBuilder(
            path=path, method="POST" if form else "GET", headers=headers,
            input_stream=io.BytesIO(form), content_length=len(form),
        ).get_environ()  # fmt: skip

    def _call(self, environ: dict[str, object]) -> tuple[float, dict[str, str]]:
        answer: dict[str, str] = {}

        def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            assert status[:3] in ("200", "303"), status
            answer.update(headers)

        return _timed(lambda: b"".join(self._app.wsgi_app(environ, start))), answer  # type: ignore[arg-type]


def _bare_segno(text: str) -> object:
    return segno.make(text, mode="numeric", error="m", micro=False, boost_error=False)


def _bare_reportlab(marks: tuple[Mark, ...]) -> bytes:
    """The same letters in the same fonts, the same rules and the same modules; nothing else."""
    for face in Face:
        if f"Bare-{face}" not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(f"Bare-{face}", font_path(face)))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(PAGE_WIDTH * mm, PAGE_HEIGHT * mm))
    for mark in marks:
        if isinstance(mark, Text):
            _bare_text(canvas, mark)
        elif isinstance(mark, Symbol):
            _bare_symbol(canvas, mark)
        else:
            _bare_box(canvas, mark)
    canvas.save()
    return out.getvalue()


def _bare_text(canvas: Canvas, text: Text) -> None:
    x = text.x
    canvas.setFillGray(1 if text.white else 0)
    for run in runs(text.content, text.face):
        canvas.setFont(f"Bare-{run.face}", text.size)
        canvas.drawString(x * mm, (PAGE_HEIGHT - text.y) * mm, run.text)
        x += run_width(run, text.size)


def _bare_box(canvas: Canvas, mark: Bar | Frame) -> None:
    box, framed = mark.box, isinstance(mark, Frame)
    canvas.rect(
        box.left * mm, (PAGE_HEIGHT - box.bottom) * mm, box.width * mm, box.height * mm,
        stroke=int(framed), fill=int(not framed),
    )  # fmt: skip


def _bare_symbol(canvas: Canvas, symbol: Symbol) -> None:
    path, side = canvas.beginPath(), symbol.module
    for column, row, length in symbol.dark_runs():
        left, top = symbol.box.left + column * side, symbol.box.top + (row + 1) * side
        path.rect(left * mm, (PAGE_HEIGHT - top) * mm, length * side * mm, side * mm)
    canvas.drawPath(path, stroke=0, fill=1)


def _timed(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return time.process_time() - began


def _row(name: str, values: list[float], peer: list[float]) -> None:
    print(f"{name:10} {_least(values):8.2f} {_least(values) / _least(peer):8.2f}x")


def _least(values: list[float]) -> float:
    """In milliseconds; what is more than this is other people's work (see `timeit`)."""
    return min(values) * 1000
