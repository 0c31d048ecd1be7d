"""A registry whose URL has a name: found, moved, with several addresses, and a silent resolver."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask, request

from tests.cut_line import CutLine
from tests.cut_line import Line as Cut
from tests.naming import NAME, Resolver, by_name, resolving
from tests.served import served
from verifier.acts import RegistryLost
from verifier.client.line import Call, Line, Patience

ACT, LOOK = Call("POST", "/act", {}, b""), Call("GET", "/look", {}, query={"of": "窓口"})
HERE, NOBODY = "127.0.0.1", "127.0.0.99"
LATE = 0.3
"""Seconds a busy machine may be late with what it does in time."""


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    with resolving(monkeypatch, HERE) as made:
        yield made


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = Flask("named")

    @app.route("/under/act", methods=["POST"])
    @app.route("/under/look")
    def _answer() -> str:
        return f"{request.host} {request.args.get('of', '')}"

    with served(app) as made:
        yield by_name(made)


def line_to(address: str, patience: Patience | None = None) -> Line:
    return Line(f"{address}/under/", patience)


@pytest.mark.parametrize("call", [ACT, LOOK])
def test_a_resolver_that_says_nothing_keeps_nobody_longer_than_the_limit(
    resolver: Resolver, address: str, call: Call
) -> None:
    resolver.speaks.clear()
    patience = Patience(act=3.0)
    with line_to(address, patience) as line:
        began = time.monotonic()
        with pytest.raises(RegistryLost, match="Name"):
            line.ask(call)
        limit = patience.look if call.looks else patience.act
        assert time.monotonic() - began < limit + LATE
    assert resolver.asked == 1, "one question at a time"


def test_a_name_that_is_found_late_is_found(resolver: Resolver, address: str) -> None:
    resolver.speaks.clear()
    with line_to(address, Patience(rest=0)) as line:
        with pytest.raises(RegistryLost):
            line.ask(LOOK)
        resolver.speaks.set()
        assert line.ask(LOOK).status == 200


def test_a_registry_found_once_is_reached_while_the_resolver_is_silent(
    resolver: Resolver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.client.addresses._FRESH", 0.0)
    with CutLine(address.replace(NAME, HERE)) as cut, line_to(by_name(cut.address)) as line:
        assert line.ask(LOOK).status == 200
        resolver.speaks.clear()
        cut.become(Cut.CUT)
        cut.become(Cut.WHOLE)
        for call in (LOOK, ACT, LOOK):
            began = time.monotonic()
            assert line.ask(call).status == 200
            assert time.monotonic() - began < 1


def test_a_name_that_is_not_known_any_more_leads_where_it_led(
    resolver: Resolver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verifier.client.addresses._FRESH", 0.0)
    with line_to(address) as line:
        assert line.ask(LOOK).status == 200
        resolver.addresses = ()
        assert line.ask(ACT).status == 200
        assert line.ask(LOOK).status == 200


def test_a_name_that_nobody_knows_is_told_at_once(resolver: Resolver, address: str) -> None:
    resolver.addresses = ()
    began = time.monotonic()
    with line_to(address) as line, pytest.raises(RegistryLost):
        line.ask(LOOK)
    assert time.monotonic() - began < 1


def test_a_registry_that_has_moved_is_found(resolver: Resolver, address: str) -> None:
    resolver.addresses = (NOBODY,)
    with line_to(address, Patience(rest=0)) as line:
        with pytest.raises(RegistryLost):
            line.ask(LOOK)
        resolver.addresses = (HERE,)
        assert line.ask(LOOK).status == 200


def test_a_name_is_asked_for_again_now_and_then(
    resolver: Resolver, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with line_to(address) as line:
        line.ask(LOOK)
        line.ask(LOOK)
        assert resolver.asked == 1
        monkeypatch.setattr("verifier.client.addresses._FRESH", 0.0)
        line.ask(LOOK)
        assert resolver.asked == 2


def test_of_several_addresses_the_one_that_answers_is_found_in_one_attempt(
    resolver: Resolver, address: str
) -> None:
    resolver.addresses = (NOBODY, "::1", HERE)
    with line_to(address) as line:
        assert line.ask(ACT).status == 200
        asked = resolver.asked
        assert line.ask(ACT).status == 200
        assert resolver.asked == asked, "the address that answered is tried first"


def test_the_registry_hears_the_name_it_was_asked_by(resolver: Resolver, address: str) -> None:
    with line_to(address) as line:
        assert line.ask(LOOK).data.decode() == f"{address.removeprefix('http://')} 窓口"
