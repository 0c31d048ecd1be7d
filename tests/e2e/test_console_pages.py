"""The console's acting pages in a real browser: no barrier, no slip of markup, no script."""

import io
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from shared.db.schema import upgrade
from shared.db.session import open_registry
from shared.db.tables import AlertKind, Office, ReceiverChangeKind, Staff
from shared.domain import Role
from shared.passwords import hash_secret
from tests.accessible import MarkupChecker, assert_reflows, assert_walkable, barriers
from tests.acting_world import console_app
from tests.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CONSOLE_PASSWORD,
    DESK,
    OTHER_SUPERVISOR,
    PIN,
    SHINAGAWA,
    SUPERVISOR,
    WINDOW,
    Clock,
    House,
    house,
    house_on,
    receiver_sheet,
    seen_to,
    showing,
    text_of,
)
from tests.measuring import qr_codes
from tests.served import served
from verifier import notary
from verifier.acts import Confirming
from verifier.administration.orders import carry_out
from verifier.administration.receivers import Propose
from verifier.registry import alerts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
LONG = "見本行政書士法人" + "とても長い名前の事務所" * 3 + "（００００００１１）"
UNBROKEN = "W" * 60
PAGES = (
    "alerts",
    "receivers",
    "receivers/1",
    "receivers?name=ありません",
    "windows",
    f"windows/{WINDOW}",
    "windows/new",
    "offices",
    "plans",
    "staff",
    f"staff/{SUPERVISOR}",
    f"staff/{ADMINISTRATOR}",
    "staff/new",
    "procedures",
    "procedures/1",
    "procedures/new",
    "settings",
    "integrity",
    "days",
    f"days/{SHINAGAWA}/2026-11-23",
    "account",
    "account/second-factor",
    "prove",
)
SHOTS = os.environ.get("UKETORI_SHOTS")
"""A folder: every page is photographed into it, for whoever wants to look."""


def furnished(folder: Path) -> House:
    """A busy console: very long names, alerts, a proposal, a hand-over, a checkpoint."""
    sessions = open_registry(f"sqlite:///{folder / 'registry.db'}")
    upgrade(sessions)
    at = house(sessions)
    receiver = at.receiver()
    at.receiver(LONG)
    at.filing()
    shown = at.counter.present(DESK, showing(text_of(receiver_sheet())))
    (row,) = shown.basket.rows
    ticks = Confirming(
        shown.basket.hand_over_id,
        (row.filing_id,),
        (),
        None,
        str(uuid.uuid4()),
        **seen_to(shown.basket),
    )
    at.counter.confirm(DESK, ticks)
    propose = Propose(receiver, ReceiverChangeKind.SUSPEND, "用紙を盗まれたとの連絡")
    carry_out(at.installation, OTHER_SUPERVISOR, str(uuid.uuid4()), propose)
    with sessions.begin() as session:
        session.get_one(Staff, SUPERVISOR).name = LONG
        session.get_one(Office, "O1").name = UNBROKEN
        for kind, subject in ((AlertKind.FORGED, WINDOW), (AlertKind.MANY_REFUSALS, "2")):
            alerts.call(session, kind, subject, "entry=1", at.clock.now)
        seen = alerts.call(session, AlertKind.DISK_FULL, "server", "free_megabytes=9", at.clock.now)
        seen.acknowledged_at, seen.acknowledged_by = at.clock.now, SUPERVISOR
    notary.sign_due(at.installation)
    return at


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    at = furnished(tmp_path_factory.mktemp("busy"))
    with served(console_app(at)) as address:
        yield address
    at.sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Nothing but one administrator."""
    folder = tmp_path_factory.mktemp("empty")
    sessions = open_registry(f"sqlite:///{folder / 'registry.db'}")
    upgrade(sessions)
    with sessions.begin() as session:
        session.add(
            Staff(
                number=ADMINISTRATOR,
                name="見本　四子",
                role=Role.ADMINISTRATOR,
                pin_hash=hash_secret(PIN, 4),
                password_hash=hash_secret(CONSOLE_PASSWORD, 4),
                added_at=Clock().now,
            )
        )
    with served(console_app(house_on(sessions, Clock()))) as address:
        yield address
    sessions.kw["bind"].dispose()


@contextmanager
def signed_in(
    chromium: "Browser", address: str, number: str = ADMINISTRATOR, **options: Any
) -> Iterator["Page"]:
    """A page of somebody's browser, at the console."""
    context = chromium.new_context(locale="ja-JP", **options)
    page = context.new_page()
    page.goto(f"{address}/console/sign-in")
    page.fill("#number", number)
    page.fill("#password", CONSOLE_PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(re.compile("/console/$"))
    yield page
    context.close()


def photographed(page: "Page", name: str) -> None:
    if SHOTS:
        file = re.sub(r"[^a-z0-9]+", "-", name.lower())
        page.screenshot(path=f"{SHOTS}/{file}.png", full_page=True)


def test_no_page_has_a_barrier_or_a_slip_and_the_keyboard_reaches_everything(
    chromium: "Browser", busy: str, markup: MarkupChecker
) -> None:
    wide = {"width": 1366, "height": 900}
    with signed_in(chromium, busy, viewport=wide) as page:
        for path in PAGES:
            answer = page.goto(f"{busy}/console/{path}")
            assert answer.status == 200, path
            photographed(page, path)
            assert markup.slips(answer.text()) == [], path
            assert barriers(page) == [], path
            assert_walkable(page)


def test_the_sign_in_has_no_barrier(chromium: "Browser", busy: str, markup: MarkupChecker) -> None:
    page = chromium.new_page(viewport={"width": 1366, "height": 900})
    answer = page.goto(f"{busy}/console/sign-in")
    photographed(page, "sign-in")
    assert markup.slips(answer.text()) == []
    assert barriers(page) == []
    page.close()


def test_nothing_sticks_out_on_a_narrow_window(chromium: "Browser", busy: str) -> None:
    with signed_in(chromium, busy, viewport={"width": 320, "height": 700}) as page:
        for path in PAGES:
            page.goto(f"{busy}/console/{path}")
            photographed(page, f"narrow {path}")
            try:
                assert_reflows(page)
            except AssertionError as error:
                raise AssertionError(path) from error


def test_a_registry_without_anything_says_what_to_do_next(
    chromium: "Browser", empty: str, markup: MarkupChecker
) -> None:
    said = {
        "alerts": "確認を待っている通知はありません",
        "receivers": "登録された受取者はまだいません",
        "offices": "事務所はまだ登録されていません",
        "windows/new": "先に事務所を登録してください",
        "procedures": "手続種別はまだ登録されていません",
        "settings": "導入したときのままです",
        "integrity": "署名はまだありません",
        "days": "事務所はまだ登録されていません",
    }
    with signed_in(chromium, empty, viewport={"width": 1366, "height": 900}) as page:
        for path, text in said.items():
            answer = page.goto(f"{empty}/console/{path}")
            photographed(page, f"empty {path}")
            assert text in page.inner_text("main"), path
            assert barriers(page) == [], path
            assert markup.slips(answer.text()) == [], path


def test_an_auditor_is_offered_nothing_to_change(chromium: "Browser", busy: str) -> None:
    with signed_in(chromium, busy, AUDITOR) as page:
        for path in PAGES:
            answer = page.goto(f"{busy}/console/{path}")
            if answer.status == 403:
                assert path.endswith("/new"), path
                continue
            forms = page.locator("main form[method=post]").count()
            own = path in ("account", "account/second-factor", "prove", "integrity")
            disabled = path == "procedures/1"
            assert own or disabled or forms == 0, path


def test_two_people_suspend_a_receiver_without_a_script(chromium: "Browser", busy: str) -> None:
    off = {"java_script_enabled": False}
    with signed_in(chromium, busy, SUPERVISOR, **off) as page:
        page.goto(f"{busy}/console/receivers")
        page.click("text=確認を待っている申し出 >> xpath=.. >> a")
        page.click("text=停止を承認する")
        assert "承認しました" in page.inner_text("main")
        assert "停止中" in page.inner_text("main .oss-facts")
        assert "停止（承認）" in page.inner_text("main")


def test_the_day_is_closed_and_printed_without_a_script(chromium: "Browser", busy: str) -> None:
    with signed_in(chromium, busy, SUPERVISOR, java_script_enabled=False) as page:
        page.goto(f"{busy}/console/days/{SHINAGAWA}/2026-11-23")
        fields = page.locator("input[inputmode=numeric]")
        for place in range(fields.count()):
            fields.nth(place).fill("2" if place == 0 else "1")
        page.click("text=終了を記録する")
        assert "理由を入力してください" in page.inner_text("[role=alert]")
        assert fields.first.input_value() == "2", "nothing typed is lost"
        page.fill("#remark", "1枚を書き損じた")
        page.click("text=終了を記録する")
        assert "業務終了を記録しました" in page.inner_text("main")
        assert "+1" in page.inner_text("main")
        photographed(page, "day closed")
        pdf = page.pdf(prefer_css_page_size=True, format="A4")
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(p.get_textpage().get_text_range() for p in document)
    assert len(document) == 1
    assert "差の理由" in text
    assert "責任者" in text
    assert "終了を記録する" not in text
    if SHOTS:
        document[0].render(scale=2).to_pil().save(f"{SHOTS}/day-printed.png")
    document.close()


def test_a_second_factor_is_set_up_by_reading_the_page(chromium: "Browser", busy: str) -> None:
    """The QR code on the page holds the secret that is printed below it."""
    with signed_in(chromium, busy, OTHER_SUPERVISOR) as page:
        page.goto(f"{busy}/console/account/second-factor")
        shot = page.locator("img.oss-factor").screenshot()
        picture = np.asarray(Image.open(io.BytesIO(shot)).convert("L"))
        [code] = qr_codes(picture)
        typed = page.inner_text("main p .oss-digits").replace(" ", "")
        assert f"secret={typed}" in code.text
        assert code.text.startswith("otpauth://totp/Uketori:2002")
        assert page.locator(".oss-recovery li").count() == 8
