"""Real sheets out of a portal, by both roads: printed by a browser, and saved as a file."""

from dataclasses import dataclass, field

from playwright.sync_api import Browser

from issuer.layout import symbol
from shared.domain import Purpose
from tests.issuer_world import GOOD, RECEIVER, World
from tests.issuer_world import Browser as Visitor
from tests.paper import LONG_NAME
from tests.served import served

RARE_NAME = "𠮷田髙﨑　葛\U000e0100城（00000001）"
DENSEST_NAME = "𠮷\U000e0100" * 22 + "𠮷" * 38
"""The name with the longest text that the portal accepts: 1 194 digits."""
SHEETS = (
    (Purpose.REGISTRATION, RECEIVER),
    (Purpose.AUTHENTICATION, RECEIVER),
    (Purpose.PASSWORD_CHANGE, RECEIVER),
    (Purpose.INDIVIDUAL, ""),
    (Purpose.REGISTRATION, LONG_NAME),
    (Purpose.AUTHENTICATION, LONG_NAME),
    (Purpose.PASSWORD_CHANGE, LONG_NAME),
    (Purpose.AUTHENTICATION, RARE_NAME),
    (Purpose.AUTHENTICATION, DENSEST_NAME),
)
ROADS = ("print", "file")


@dataclass(frozen=True)
class Print:
    """One sheet by both roads."""

    purpose: Purpose
    text: str = field(repr=False)
    """In its code."""
    pdfs: dict[str, bytes] = field(repr=False)
    """By ROADS."""

    @property
    def module_mm(self) -> float:
        """Side of a module."""
        return symbol(self.text).module


def print_sheet(world: World, chromium: Browser, purpose: Purpose, name: str) -> Print:
    """Issue a sheet and print it: large letters, no backgrounds, the browser's headers on."""
    visitor = world.browser()
    path = _issued(visitor, purpose, name)
    issued = world.portal.drawer.find(_owner(visitor), path.rsplit("/", 1)[1], world.clock())
    assert issued is not None
    with served(world.app) as address:
        context = chromium.new_context(locale="ja-JP")
        cookies = {c.decoded_key: c.decoded_value for c in visitor.client._cookies.values()}
        for cookie, value in (cookies | {"text_size": "large"}).items():
            context.add_cookies([{"name": cookie, "value": value, "url": address}])
        page = context.new_page()
        page.goto(address + path)
        printed = page.pdf(prefer_css_page_size=True, display_header_footer=True)
        context.close()
    return Print(
        purpose, issued.facts.payload, {"print": printed, "file": visitor.get(path + ".pdf").data}
    )


def _issued(visitor: Visitor, purpose: Purpose, name: str) -> str:
    if purpose is Purpose.INDIVIDUAL:
        visitor.sign_in()
        answer = visitor.send("/inquiry/switch", {})
    else:
        wish = {"purpose": str(purpose), "receiver_name": name}
        answer = visitor.send("/codes/new", GOOD | wish)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def _owner(visitor: Visitor) -> str:
    with visitor.client.session_transaction() as session:
        return str(session["visitor"])
