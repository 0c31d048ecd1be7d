"""What a window sends over its line to a registry that is busy, slow or away."""

import time
from collections.abc import Callable

import pytest
from flask import Flask, Response, request

from tests.cut_line import CutLine
from tests.cut_line import Line as Cut
from tests.served import served
from verifier.acts import RegistryLost
from verifier.client.line import Call, Line, Patience

ACT, LOOK = Call("POST", "/act", {}, b""), Call("GET", "/look", {})


def _busy(wish: str) -> Response:
    return Response(status=503, headers={"Retry-After": wish})


def _app(answer: Callable[[int], Response], seen: list[float]) -> Flask:
    app = Flask("busy")

    @app.route("/act", methods=["POST"])
    @app.route("/look")
    def _answer() -> Response:
        seen.append(time.monotonic())
        return answer(len(seen))

    return app


def test_a_busy_registry_is_asked_again_when_it_wishes() -> None:
    """Two refusals and an answer: three requests, a second or more apart."""
    seen: list[float] = []
    app = _app(lambda count: _busy("1") if count < 3 else Response("done"), seen)
    with served(app) as address, Line(address, Patience(act=10)) as line:
        assert line.ask(ACT).data == b"done"
    assert len(seen) == 3
    assert min(seen[1] - seen[0], seen[2] - seen[1]) >= 1


def test_a_registry_that_stays_busy_is_lost_when_patience_ends() -> None:
    seen: list[float] = []
    began = time.monotonic()
    with (
        served(_app(lambda _: _busy("1"), seen)) as address,
        Line(address, Patience(act=3)) as line,
        pytest.raises(RegistryLost, match="503"),
    ):
        line.ask(ACT)
    assert 1 < len(seen) <= 3
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("wish", ["soon", "", "nan", "-3"])
def test_a_wish_that_is_no_number_of_seconds_is_not_waited_for(wish: str) -> None:
    seen: list[float] = []
    app = _app(lambda count: _busy(wish) if count < 3 else Response("done"), seen)
    with served(app) as address, Line(address, Patience(act=10, pause=0.05)) as line:
        assert line.ask(ACT).data == b"done"
    assert seen[2] - seen[0] < 5


def test_a_question_is_sent_twice_at_most() -> None:
    """It is asked again by itself: a slow registry gets no more of them. Nothing is waited for
    after the second: that the registry is lost is told at once.
    """
    seen: list[float] = []
    patience = Patience(look=60, pause=5)
    with (
        served(_app(lambda _: Response(status=502), seen)) as address,
        Line(address, patience) as line,
        pytest.raises(RegistryLost, match="502"),
    ):
        line.ask(LOOK)
    assert len(seen) == 2
    assert time.monotonic() - seen[1] < patience.pause


def test_a_question_over_a_connection_that_died_is_answered_over_another() -> None:
    seen: list[float] = []
    with (
        served(_app(lambda _: Response(request.path), seen)) as address,
        CutLine(address) as cut,
        Line(cut.address, Patience(look=20)) as line,
    ):
        assert line.ask(LOOK).data == b"/look"
        cut.become(Cut.CUT)
        cut.become(Cut.WHOLE)
        assert line.ask(LOOK).data == b"/look"
