"""Every page of the portal in every state, by name: what is judged, and what is photographed."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Flask, abort
from werkzeug.exceptions import HTTPException, ServiceUnavailable, TooManyRequests

from shared.db.tables import Filing
from shared.domain import FilingStatus
from tests.issuer_world import FILING_PASSWORD, RECEIVER, World, a_filing

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD = "mihon-no-himitsu"
BAD_NAME = "　ﾐﾎﾝタクシ一　髙見　試験(123456)"
"""Everything the counter would stumble over in one name."""
LONG_NAME = "見本行政書士法人" + "ミホン" * 13 + "（１２３４５６７８）"
_numbers = itertools.count(7000)


@dataclass
class Visit:
    """A browser on its way to a state."""

    page: "Page"
    address: str
    world: World

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def press(self, label: str) -> None:
        """Press a button or follow a link of the page's own text."""
        self.page.locator(f"main :is(button, a.oss-button):has-text('{label}')").first.click()

    def fill_form(self, purpose: str, name: str = RECEIVER) -> None:
        self.go("/codes/new")
        self.page.check(f"input[value={purpose}]")
        if purpose == "authentication":
            self.page.select_option("#procedure", label="継続検査")
        self.page.fill("#receiver_name", name)
        self.page.fill("#password", PASSWORD)
        self.page.fill("#password_confirm", PASSWORD)

    def issue(self, purpose: str, name: str = RECEIVER) -> None:
        self.fill_form(purpose, name)
        self.press("二次元コードを発行する")
        self.page.wait_for_selector(".oss-paper svg")

    def ask(self, number: str) -> None:
        self.go("/inquiry/")
        self.page.fill("#number", number)
        self.press("次へ")

    def try_password(self, password: str) -> None:
        self.page.fill("#password", password)
        self.press("ログイン")

    def sign_in(self, status: FilingStatus = FilingStatus.READY) -> str:
        """Sign in for a filing of one's own; gives its number."""
        number = f"4444{next(_numbers):012}"
        with self.world.sessions.begin() as session:
            session.add(a_filing(number, status))
        self.ask(number)
        self.try_password(FILING_PASSWORD)
        self.page.wait_for_selector("h1:has-text('申請詳細')")
        return number

    def set_status(self, number: str, status: FilingStatus) -> None:
        """What the counter does meanwhile."""
        with self.world.sessions.begin() as session:
            session.query(Filing).filter_by(number=number).one().status = status

    def forget(self) -> None:
        """Lose all cookies, as a browser does that was closed."""
        self.page.context.clear_cookies()


State = Callable[[Visit], None]


def provoke(app: Flask) -> None:
    """Routes that answer with the errors a healthy portal does not give."""

    def provoked(status: int) -> str:
        errors: dict[int, HTTPException] = {
            429: TooManyRequests(retry_after=40),
            503: ServiceUnavailable(retry_after=300),
        }
        if status == 500:
            raise RuntimeError("provoked")
        if status in errors:
            raise errors[status]
        abort(status)

    app.add_url_rule("/provoked/<int:status>", view_func=provoked)


def _path(path: str) -> State:
    return lambda visit: visit.go(path)


def _menu(visit: Visit) -> None:
    visit.go("/")
    visit.page.locator(".oss-menu summary").first.click()


def _help(visit: Visit) -> None:
    visit.fill_form("authentication")
    for summary in visit.page.locator("main summary").all():
        summary.click()


def _errors(visit: Visit) -> None:
    visit.go("/codes/new")
    visit.press("二次元コードを発行する")


def _form_with(field: str, value: str, name: str = RECEIVER) -> State:
    def state(visit: Visit) -> None:
        visit.fill_form("authentication", name)
        visit.page.fill(f"#{field}", value)
        visit.press("二次元コードを発行する")

    return state


def _stale(visit: Visit) -> None:
    visit.fill_form("authentication", BAD_NAME)
    visit.forget()
    visit.press("二次元コードを発行する")


def _issued(purpose: str, name: str = RECEIVER) -> State:
    return lambda visit: visit.issue(purpose, name)


def _gone(visit: Visit) -> None:
    visit.issue("registration")
    visit.forget()
    visit.page.reload()


def _number_error(visit: Visit) -> None:
    visit.ask("123")


def _number_ended(visit: Visit) -> None:
    visit.sign_in()
    visit.world.clock.move(minutes=20)
    visit.page.reload()


def _number_stale(visit: Visit) -> None:
    visit.go("/inquiry/")
    visit.page.fill("#number", "1234 5678 9012 3456")
    visit.forget()
    visit.press("次へ")


def _password(*tries: str) -> State:
    def state(visit: Visit) -> None:
        visit.ask(f"5555{next(_numbers):012}")
        for password in tries:
            visit.try_password(password)

    return state


def _filing(status: FilingStatus) -> State:
    def state(visit: Visit) -> None:
        visit.sign_in(status)

    return state


def _switch(visit: Visit) -> None:
    visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    visit.page.wait_for_selector("h1:has-text('元に戻すことはできません')")


def _switched(visit: Visit) -> None:
    _switch(visit)
    visit.press("変更して発行する")
    visit.page.wait_for_selector(".oss-paper svg")


def _filing_switched(visit: Visit) -> None:
    _switched(visit)
    visit.press("戻る")


def _refused(visit: Visit) -> None:
    number = visit.sign_in()
    visit.press("個別申告用二次元コードの発行")
    visit.set_status(number, FilingStatus.RELEASED)
    visit.press("変更して発行する")


def _other_filing(visit: Visit) -> None:
    _switch(visit)
    second = visit.page.context.new_page()
    Visit(second, visit.address, visit.world).sign_in()
    second.close()
    visit.press("変更して発行する")


def _idle(visit: Visit) -> None:
    visit.page.clock.install()
    visit.sign_in()
    visit.page.clock.fast_forward("18:01")


def _too_large(visit: Visit) -> None:
    visit.fill_form("registration", "見" * 9000)
    visit.press("二次元コードを発行する")


def _stale_text_size(visit: Visit) -> None:
    visit.go("/")
    visit.page.evaluate(
        "() => { const form = document.querySelector('.oss-text-size');"
        " form.csrf_token.value = 'stale'; form.submit(); }"
    )
    visit.page.wait_for_selector(".oss-error-page")


STATES: dict[str, State] = {
    "top": _path("/"),
    "menu-open": _menu,
    "first": _path("/first"),
    "p1-guide": _path("/codes/"),
    "manual": _path("/codes/manual"),
    "p2-form": _path("/codes/new"),
    "p2-authentication-help": _help,
    "p2-all-errors": _errors,
    "p2-name-error": _form_with("receiver_name", "見本😀"),
    "p2-password-error": _form_with("password_confirm", "something-else", BAD_NAME),
    "p2-stale": _stale,
    "p3-registration": _issued("registration"),
    "p3-authentication": _issued("authentication"),
    "p3-password-change": _issued("password_change"),
    "p3-notices": _issued("authentication", BAD_NAME),
    "p3-long-name": _issued("authentication", LONG_NAME),
    "p3-gone": _gone,
    "p4-bulk": _path("/bulk"),
    "payment": _path("/bulk/payment"),
    "correction": _path("/bulk/correction"),
    "p5-number": _path("/inquiry/"),
    "p5-error": _number_error,
    "p5-ended": _number_ended,
    "p5-stale": _number_stale,
    "p6-password": _password(),
    "p6-error": _password("wrong-password"),
    "p6-locked": _password(*["wrong-password"] * 5),
    "p7-filing": _filing(FilingStatus.READY),
    "p7-examining": _filing(FilingStatus.EXAMINING),
    "p7-released": _filing(FilingStatus.RELEASED),
    "p7-switched": _filing_switched,
    "p7-idle": _idle,
    "p8-switch": _switch,
    "p8-refused": _refused,
    "p8-other-filing": _other_filing,
    "p3-individual": _switched,
    "terms": _path("/terms"),
    "faq": _path("/faq"),
    "glossary": _path("/glossary"),
    "sitemap": _path("/sitemap"),
    "contact": _path("/contact"),
    "api-guide": _path("/api/v1/"),
    "error-400": _stale_text_size,
    "error-403": _path("/provoked/403"),
    "error-404": _path("/nowhere"),
    "error-405": _path("/inquiry/leave"),
    "error-413": _too_large,
    "error-429": _path("/provoked/429"),
    "error-500": _path("/provoked/500"),
    "error-503": _path("/provoked/503"),
}
