"""Whether the time of an answer tells which names, numbers and staff exist: medians over HTTP.

Run on demand: ``./run bench -k timing``. A known and an unknown one are asked in turn, so that what
else the machine does falls on both; bcrypt has the cost of a real installation.
"""

import re
import statistics
import time
import uuid
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from issuer.attempts import Gate
from shared.db.tables import Receiver, Staff
from shared.domain import Source
from shared.passwords import hash_secret, hash_tag
from tests.bench.test_sign_in import a_guess, a_slow_world, ask
from tests.builders import (
    CLERK,
    DESK,
    HANAKO,
    SUPERVISOR,
    TARO,
    WINDOW,
    House,
    house,
    receiver_sheet,
    showing,
    text_of,
)
from tests.issuer_world import NUMBER
from tests.registries import new_sqlite
from tests.served import served
from tests.served_registry import Slot, slot
from verifier.acts import SignInRefused
from verifier.decision.reasons import Reason
from verifier.decision.verdict import Refused
from verifier.installation import Policy

pytestmark = pytest.mark.slow
COST = 12
ROUNDS = 40
NOBODY = "9999"
Ask = Callable[[], None]


def medians(known: Ask, unknown: Ask, between: Ask) -> tuple[float, float]:
    """Ask both in turn, each first as often as the other; gives seconds."""
    times: dict[Ask, list[float]] = {known: [], unknown: []}
    for number in range(-2, ROUNDS):
        pair = (known, unknown) if number % 2 else (unknown, known)
        for one in pair:
            began = time.perf_counter()
            one()
            if number >= 0:
                times[one].append(time.perf_counter() - began)
        between()
    return statistics.median(times[known]), statistics.median(times[unknown])


def require_alike(what: str, seconds: tuple[float, float]) -> None:
    known, unknown = seconds
    print(
        f"\n{what}: known {known * 1000:.1f} ms, unknown {unknown * 1000:.1f} ms,"
        f" {unknown / known:.3f} (medians of {ROUNDS})"
    )
    assert unknown / known == pytest.approx(1, abs=0.1)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[House]:
    """A registry whose PINs, passwords and TARO's tag have the cost of a real one."""
    sessions = new_sqlite(tmp_path)
    built = house(sessions, Policy(bcrypt_cost=COST))
    built.receiver(TARO)
    hashed = hash_secret("something else", COST)
    with sessions.begin() as session:
        session.execute(update(Staff).values(pin_hash=hashed))
        session.execute(
            update(Staff).where(Staff.password_hash.is_not(None)).values(password_hash=hashed)
        )
        session.execute(update(Receiver).values(password_hash=hash_tag(bytes(32), COST)))
    yield built
    sessions.kw["bind"].dispose()


@pytest.fixture
def line() -> Iterator[Slot]:
    with slot() as opened:
        yield opened


def test_the_portal_does_not_tell_which_filing_numbers_exist(tmp_path: Path) -> None:
    world = a_slow_world(tmp_path / "portal", Gate())
    with served(world.app) as address:

        def guess(number: str) -> Ask:
            """A sign-in that fails, with a cookie and a token of its own."""
            prepared = cycle([a_guess(world, number)])

            def send() -> None:
                cookie, body = next(prepared)
                status, _ = ask(address, "POST", "/inquiry/password", cookie, body)
                assert status == 422

            return send

        seconds = medians(
            guess(NUMBER.digits), guess("9999000099990000"), lambda: world.clock.move(minutes=16)
        )
    world.sessions.kw["bind"].dispose()
    require_alike("filing number at the portal", seconds)


def test_the_counter_does_not_tell_by_time_who_is_registered(at: House, line: Slot) -> None:
    """A sheet with a wrong password in a registered name, and one in a name nobody registered."""
    with line.serving(at) as windows:

        def show(name: str, reason: Reason) -> Ask:
            text = text_of(receiver_sheet(name=name))

            def send() -> None:
                presented = windows.present(DESK, showing(text, Source.CAMERA))
                assert isinstance(presented.verdict, Refused)
                assert presented.verdict.reason is reason

            return send

        seconds = medians(
            show(TARO, Reason.WRONG_PASSWORD),
            show(HANAKO, Reason.NOT_REGISTERED),
            lambda: at.clock.move(minutes=11),
        )
    require_alike("receiver at the counter", seconds)


def test_the_counter_does_not_tell_by_time_who_works_there(at: House, line: Slot) -> None:
    with line.serving(at) as windows:

        def sign_in(number: str) -> Ask:
            return lambda: require_refused(
                windows.sign_in(WINDOW, number, "0000", str(uuid.uuid4()))
            )

        seconds = medians(sign_in(CLERK), sign_in(NOBODY), lambda: at.clock.move(minutes=16))
    require_alike("staff at the counter", seconds)


def require_refused(answer: object) -> None:
    assert isinstance(answer, SignInRefused)


@pytest.mark.parametrize("known", [SUPERVISOR, CLERK], ids=["may enter", "may not enter"])
def test_the_console_does_not_tell_by_time_who_works_there(
    at: House, line: Slot, known: str
) -> None:
    with line.serves(at):
        cookie, token = a_form(line.address)

        def sign_in(number: str) -> Ask:
            body = urlencode({"csrf_token": token, "number": number, "password": "wrong-password"})

            def send() -> None:
                assert ask(line.address, "POST", "/console/sign-in", cookie, body)[0] == 422

            return send

        seconds = medians(sign_in(known), sign_in(NOBODY), lambda: at.clock.move(minutes=16))
    require_alike("staff at the console", seconds)


def a_form(address: str) -> tuple[str, str]:
    """Cookie and token of the console's sign-in page."""
    connection = HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("GET", "/console/sign-in")
    answer = connection.getresponse()
    page, cookie = answer.read().decode(), answer.headers["Set-Cookie"].partition(";")[0]
    connection.close()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return cookie, token[1]
