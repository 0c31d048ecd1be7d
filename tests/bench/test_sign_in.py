"""What the gate before 状況照会 is worth, and whether the time of an answer tells who exists.

Run on demand: ``./run bench``. The gate is compared with no gate in the same run; the time of an
unknown number with that of a known one.
"""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from issuer.attempts import Gate
from issuer.limits import Limits
from shared.db.tables import Filing
from shared.passwords import hash_secret
from tests.issuer_world import FILING_PASSWORD, NUMBER, Browser, World, a_press, make_world
from tests.served import served

pytestmark = pytest.mark.slow
COST = 12
THREADS = 16
"""Of the server, as the portal's settings have it."""
GUESSERS = 24
PAUSE = 0.5
"""Seconds between an answer and the next guess: at most 48 guesses a second."""
UNLIMITED = Limits(signing_in="999999/hour", everybody="999999/hour")
SECONDS = 12
ROUNDS = 25


def a_slow_world(folder: Path, gate: Gate) -> World:
    """A portal whose filing has a password at the registry's real cost."""
    folder.mkdir()
    world = make_world(folder, a_press(), UNLIMITED, gate=gate)
    with world.sessions.begin() as session:
        filing = session.query(Filing).filter_by(number=NUMBER.digits).one()
        filing.password_hash = hash_secret(FILING_PASSWORD, COST)
    return world


def ask(
    address: str, method: str, path: str, cookie: str = "", body: str = ""
) -> tuple[int, float]:
    """Status and seconds of one answer."""
    started = time.perf_counter()
    connection = HTTPConnection(address.removeprefix("http://"), timeout=120)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, time.perf_counter() - started


def a_guess(world: World, number: str) -> tuple[str, str]:
    """Cookie and body of a sign-in that will fail."""
    browser = Browser(world.app.test_client())
    browser.send("/inquiry/", {"number": number})
    token = browser.hidden("/inquiry/password")["csrf_token"]
    cookie = browser.client.get_cookie("portal")
    assert cookie is not None
    body = urlencode({"csrf_token": token, "password": "wrong-password"})
    return f"portal={cookie.value}", body


def under_attack(world: World) -> tuple[list[float], list[int]]:
    """Seconds that others wait for a menu page, and what the guessers are answered."""
    guesses = [a_guess(world, f"7777{n:012}") for n in range(GUESSERS)]
    ended, answers, waits = threading.Event(), [], []

    def guess(cookie: str, body: str) -> None:
        while not ended.is_set():
            answers.append(ask(address, "POST", "/inquiry/password", cookie, body)[0])
            ended.wait(PAUSE)

    with (
        served(world.app, THREADS) as address,
        ThreadPoolExecutor(GUESSERS) as guessers,
    ):
        for cookie, body in guesses:
            guessers.submit(guess, cookie, body)
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            waits.append(ask(address, "GET", "/")[1])
            time.sleep(0.05)
        ended.set()
    return waits, answers


def p95(waits: list[float]) -> float:
    return statistics.quantiles(waits, n=20)[-1] if len(waits) > 1 else waits[0]


def test_others_are_served_while_passwords_are_guessed(tmp_path: Path) -> None:
    rows = {}
    for name, gate in (("gate", Gate()), ("no gate", Gate(at_once=999, waiting=999))):
        world = a_slow_world(tmp_path / name, gate)
        waits, answers = under_attack(world)
        world.sessions.kw["bind"].dispose()
        assert {422, 503} >= set(answers)
        rows[name] = p95(waits)
        print(
            f"\n{name}: menu page p95 {rows[name]:.2f} s, median {statistics.median(waits):.3f} s"
            f" in {len(waits)} looks; {len(answers)} guesses, {answers.count(503)} turned away"
        )
    print(f"p95 without the gate is {rows['no gate'] / rows['gate']:.1f} times that with it")
    assert rows["gate"] < rows["no gate"]


def test_the_time_of_an_answer_does_not_tell_which_numbers_exist(tmp_path: Path) -> None:
    world = a_slow_world(tmp_path / "time", Gate())
    seconds: dict[str, list[float]] = {NUMBER.digits: [], "9999000099990000": []}
    for _ in range(ROUNDS):
        for number, times in seconds.items():
            browser = Browser(world.app.test_client())
            browser.send("/inquiry/", {"number": number})
            sent = browser.hidden("/inquiry/password") | {"password": "wrong-password"}
            started = time.thread_time()  # of the processor: a shared machine does not change it
            browser.client.post("/inquiry/password", data=sent)
            times.append(time.thread_time() - started)
            world.clock.move(minutes=16)
    known, unknown = (statistics.median(times) for times in seconds.values())
    world.sessions.kw["bind"].dispose()
    print(f"\nknown {known * 1000:.0f} ms, unknown {unknown * 1000:.0f} ms: {unknown / known:.3f}")
    assert unknown / known == pytest.approx(1, abs=0.1)
