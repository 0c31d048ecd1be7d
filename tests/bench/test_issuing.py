"""What issuing costs: a sheet's page beside the bare segno call for its code, and a sheet's PDF
beside the same page drawn by plain reportlab calls.

Run on demand: ``./run bench``. Both peers run between our own calls, so that a busy machine is
busy for both; the medians' ratios are asserted, no times.

Inside the page's ratio is all that the portal does for it, called as a server calls it: the form
posted (limits, CSRF, the form read, keys drawn, sealed, signed, stored in SQLite and synced) and
the page it leads to (the code made, laid out, drawn into SVG, put into the template). Outside are
the socket and the browser.
"""

import io
import secrets
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import segno
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from issuer import a4
from issuer.geometry import PAGE_HEIGHT, PAGE_WIDTH
from issuer.glyphs import Face, font_path, run_width, runs
from issuer.layout import SheetFacts, lay_out
from issuer.limits import Limits
from issuer.marks import Bar, Frame, Mark, Symbol, Text
from shared.db.tables import IssuedSheet
from tests.issuer_world import GOOD, World, a_press, make_world
from tests.paper import LONG_NAME, facts

pytestmark = pytest.mark.slow
ROUNDS = 120
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
    visitor = _Visitor(world)
    visitor.issue_and_show()
    with world.sessions() as session:
        text = session.scalars(select(IssuedSheet)).one().text
    post, page, peer = [], [], []
    for _ in range(ROUNDS):
        took = visitor.issue_and_show()
        post.append(took[0])
        page.append(took[1])
        peer.append(_timed(lambda: _bare_segno(text)))
    whole = [a + b for a, b in zip(post, page, strict=True)]
    print(f"\n{ROUNDS} sheets, {len(text)} digits; median milliseconds and ratio to bare segno")
    for name, values in (("segno", peer), ("form", post), ("page", page), ("both", whole)):
        print(f"{name:10} {_median(values):8.2f} {_median(values) / _median(peer):8.2f}x")
    assert _median(whole) <= MOST_OF_SEGNO * _median(peer)


@pytest.mark.parametrize("sheet", [facts(), facts(name=LONG_NAME)], ids=["short", "sixty"])
def test_a_pdf_beside_the_bare_reportlab_page(sheet: SheetFacts) -> None:
    marks = lay_out(sheet)
    _bare_reportlab(marks)
    ours, peer = [], []
    for _ in range(ROUNDS):
        ours.append(_timed(lambda: a4.as_pdf(sheet)))
        peer.append(_timed(lambda: _bare_reportlab(marks)))
    print(f"\n{ROUNDS} files; median milliseconds and ratio to the bare page")
    for name, values in (("reportlab", peer), ("ours", ours)):
        print(f"{name:10} {_median(values):8.2f} {_median(values) / _median(peer):8.2f}x")
    assert _median(ours) <= MOST_OF_REPORTLAB * _median(peer)


class _Visitor:
    """One browser's cookie and form, sent straight to the application."""

    def __init__(self, world: World) -> None:
        self._app = world.app
        browser = world.browser()
        self._hidden = browser.hidden("/codes/new")
        cookies = browser.client._cookies.values()
        self._cookie = "; ".join(f"{c.decoded_key}={c.decoded_value}" for c in cookies)

    def issue_and_show(self) -> tuple[float, float]:
        """Seconds for the form and for the page."""
        form = self._hidden | GOOD | {"form_token": secrets.token_hex(8)}
        posted, headers = self._call("POST", "/codes/new", urlencode(form).encode())
        shown, _ = self._call("GET", headers["Location"])
        return posted, shown

    def _call(self, method: str, path: str, body: bytes = b"") -> tuple[float, dict[str, str]]:
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        environ = EnvironBuilder(
            path=path, method=method, headers=headers, input_stream=io.BytesIO(body),
            content_length=len(body),
        ).get_environ()  # fmt: skip
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
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _median(values: list[float]) -> float:
    return statistics.median(values) * 1000
