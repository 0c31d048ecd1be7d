"""Slow clients, huge headers, half-open and many connections, floods: the others are served."""

import contextlib
import ctypes
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask

from kiosk.house import EXTENSION
from kiosk.house import House as KioskHouse
from kiosk.preview import Preview
from kiosk.streams import Streams, TooManyStreams
from shared.web import install
from shared.web.crowds import BETWEEN_REQUESTS, Asking, Crowd, Door, Line, Pace
from tests.kiosk_world import World, make_world
from tests.served import served

ASKED = b"GET /page HTTP/1.1\r\nHost: portal\r\n\r\n"
SMALL = Crowd(connections=40, each=12, in_hand=8, to_ask=0.4)


class Seconds:
    """A clock that tests move."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def an_app() -> Flask:
    app = Flask("sample")
    app.config["SECRET_KEY"] = b"a key for tests only"
    app.add_url_rule("/page", "page", lambda: "a page")
    install(app)
    return app


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with served(an_app(), threads=4, crowd=SMALL) as url:
        host, port = url.removeprefix("http://").split(":")
        yield host, int(port)


@contextlib.contextmanager
def connections(
    address: tuple[str, int], count: int, source: str = "127.0.0.2"
) -> Iterator[list[socket.socket]]:
    """So many connections from one address."""
    with contextlib.ExitStack() as opened:
        yield [
            opened.enter_context(socket.create_connection(address, 10, (source, 0)))
            for _ in range(count)
        ]


def answer_to(client: socket.socket, asked: bytes = ASKED) -> str:
    """What is answered, up to the end of the page or the connection."""
    client.sendall(asked)
    came = b""
    with contextlib.suppress(ConnectionResetError):
        while b"a page" not in came and (more := client.recv(65536)):
            came += more
    return came.decode()


def status_for_others(address: tuple[str, int]) -> str:
    with connections(address, 1, "127.0.0.3") as [client]:
        return answer_to(client)[:12]


def is_ended(client: socket.socket) -> bool:
    """Whether the server ended it, waiting for that as long as a loaded machine may need."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "begun",
    [b"", b"G", ASKED[:-2], b"POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx"],
    ids=["nothing", "one byte", "no end of headers", "no end of body"],
)
def test_who_never_ends_a_request_is_ended_and_others_are_served(
    address: tuple[str, int], begun: bytes
) -> None:
    with connections(address, SMALL.each) as slow:
        for client in slow:
            client.sendall(begun)
        assert status_for_others(address) == "HTTP/1.1 200"
        assert all(is_ended(client) for client in slow)


def test_a_byte_now_and_then_keeps_no_connection_open(address: tuple[str, int]) -> None:
    ended = threading.Event()
    with connections(address, 1) as [slow]:

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not ended.is_set():
                    slow.sendall(b"x")
                    time.sleep(0.05)

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert is_ended(slow)
        ended.set()
        dripping.join()


def test_one_address_gets_so_many_connections_and_no_more(address: tuple[str, int]) -> None:
    with connections(address, SMALL.each), connections(address, 1) as [one_more]:
        said = answer_to(one_more)
        assert said == "" or said.startswith("HTTP/1.1 429 Too Many Requests\r\nRetry-After: ")
        assert status_for_others(address) == "HTTP/1.1 200"


def test_when_all_connections_are_taken_the_slowest_makes_room(address: tuple[str, int]) -> None:
    with (
        connections(address, SMALL.each, "127.0.0.4"),
        connections(address, SMALL.each, "127.0.0.5"),
        connections(address, SMALL.each, "127.0.0.6"),
    ):
        assert status_for_others(address) == "HTTP/1.1 200"


def test_headers_without_end_are_refused_with_our_page(address: tuple[str, int]) -> None:
    with connections(address, 1) as [client]:
        said = answer_to(client, ASKED[:-2] + b"X: " + b"x" * 17_000 + b"\r\n\r\n")
    assert said.startswith("HTTP/1.1 431 ") or said.startswith("HTTP/1.0 431 ")
    assert "Content-Security-Policy: default-src 'self'" in said


def test_a_flood_is_sent_away_with_when_to_come_back_and_others_are_served() -> None:
    """One request holds a thread; those of whoever asks too fast wait for it, then are refused."""
    app, hold = an_app(), threading.Event()
    app.add_url_rule("/slow", "slow", lambda: str(hold.wait(60)) + " a page")
    crowd = Crowd(connections=40, each=12, in_hand=3, a_second=0.01, burst=2, later=1)
    with served(app, threads=4, crowd=crowd) as url, contextlib.ExitStack() as opened:
        host, port = url.removeprefix("http://").split(":")
        at = (host, int(port))
        [slow] = opened.enter_context(connections(at, 1, "127.0.0.9"))
        slow.sendall(ASKED.replace(b"/page", b"/slow"))
        answers = [answer_to(each) for each in opened.enter_context(connections(at, 3))]
        assert [each[9:12] for each in answers] == ["200"] * 3, "the burst"
        waiting, refused = opened.enter_context(connections(at, 2))
        waiting.sendall(ASKED)
        said = answer_to(refused, ASKED * 20)
        assert said.count("HTTP/1.1 ") == 1, "of many requests at once one is answered"
        assert said.startswith("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\n")
        assert "Content-Security-Policy: default-src 'self'" in said
        assert "アクセスが集中しています" in said
        assert status_for_others(at) == "HTTP/1.1 200"
        hold.set()
        assert answer_to(waiting, b"").startswith("HTTP/1.1 200")


def test_when_all_turns_are_taken_everybody_is_told_when_to_come_back() -> None:
    app, hold = an_app(), threading.Event()
    app.add_url_rule("/slow", "slow", lambda: str(hold.wait(60)) + " a page")
    with served(app, threads=2, crowd=Crowd(in_hand=2)) as url, contextlib.ExitStack() as opened:
        host, port = url.removeprefix("http://").split(":")
        [*both, third] = opened.enter_context(connections((host, int(port)), 3))
        for each in both:
            each.sendall(ASKED.replace(b"/page", b"/slow"))
        until = time.monotonic() + 30
        while (said := answer_to(third)).startswith("HTTP/1.1 200"):
            assert time.monotonic() < until
        assert said.startswith("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n")
        hold.set()
        assert [answer_to(each, b"")[9:12] for each in both] == ["200"] * 2


def test_a_pace_bears_a_burst_and_then_so_many_a_second() -> None:
    clock = Seconds()
    pace = Pace(a_second=2, burst=4, clock=clock)
    assert [pace.allows("a") for _ in range(7)] == [True] * 5 + [False] * 2
    assert pace.allows("b")
    clock.now += 0.5
    assert [pace.allows("a"), pace.allows("a")] == [True, False]
    clock.now += 60
    assert [pace.allows("a") for _ in range(7)] == [True] * 5 + [False] * 2


def test_addresses_that_came_once_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.crowds.REMEMBERED", 10)
    clock = Seconds()
    pace = Pace(a_second=1, burst=1, clock=clock)
    for number in range(100):
        assert pace.allows(str(number))
        clock.now += 5
    assert len(pace._on_time) <= 10


def test_a_door_counts_who_is_in() -> None:
    door = Door(Crowd(each=2))
    assert [door.lets_in("a"), door.lets_in("a"), door.lets_in("a")] == [True, True, False]
    door.left("a")
    assert [door.lets_in("a"), door.lets_in("b")] == [True, True]


def test_the_hasty_let_everybody_else_pass_and_none_is_forgotten() -> None:
    started: list[str] = []
    line = Line(Crowd(in_hand=2, later=2), started.append)
    said = [line.join("a"), *(line.join_at_the_end(each) for each in ("x", "y", "z"))]
    assert said == [None, None, None, 429]
    assert [line.join("b"), line.join("c")] == [None, 503]
    line.leave()
    assert started == ["a", "b"]
    line.leave()
    assert started == ["a", "b", "x"]
    line.leave()
    line.leave()
    assert started == ["a", "b", "x", "y"]
    assert line.join_at_the_end("w") is None
    assert started[-1] == "w"


def test_an_idle_connection_may_wait_longer_than_half_a_request() -> None:
    crowd = Crowd(to_ask=10)
    assert not Asking(0.0).is_over(10, crowd)
    assert Asking(0.0).is_over(10.1, crowd)
    assert not Asking(0.0, midway=False).is_over(BETWEEN_REQUESTS, crowd)
    assert Asking(0.0, midway=False).is_over(BETWEEN_REQUESTS + 1, crowd)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[World]:
    yield from make_world(tmp_path)


def test_two_hundred_event_streams_leave_room_for_pages_and_for_the_clerk(counter: World) -> None:
    house = KioskHouse(counter.station, Preview(), streams=Streams(8))
    counter.app.extensions[EXTENSION] = house
    clerk = counter.clerk()
    cookie = clerk.client.get_cookie("kiosk")
    assert cookie is not None
    events = b"GET /events HTTP/1.1\r\nHost: kiosk\r\n"
    with served(counter.app, threads=12) as url, contextlib.ExitStack() as opened:
        host, port = url.removeprefix("http://").split(":")
        with connections((host, int(port)), 200) as streams:
            said = []
            for stream in streams:
                stream.sendall(events + b"\r\n")
                said.append(stream.recv(65536)[9:12])
            assert said == [b"200"] * 4 + [b"503"] * 196
            for path in ("/", "/visitor", "/console/sign-in", "/healthz"):
                with urlopen(url + path, timeout=20) as page:
                    assert page.status == 200
            [seated] = opened.enter_context(connections((host, int(port)), 1))
            seated.sendall(events + f"Cookie: kiosk={cookie.value}\r\n\r\n".encode())
            assert seated.recv(65536)[9:12] == b"200"
            counter.station.scene.close()


@pytest.mark.parametrize("leaves", ["reset", "closed", "vanished"])
def test_a_client_that_vanishes_frees_its_place(
    counter: World, monkeypatch: pytest.MonkeyPatch, leaves: str
) -> None:
    """A stream notices only when it writes: at the next beat, or when nothing is confirmed."""
    monkeypatch.setattr("kiosk.events.HEARTBEAT", 0.1)
    monkeypatch.setattr("shared.web.channels.UNSEEN", 500)
    counter.app.extensions[EXTENSION] = KioskHouse(counter.station, Preview(), streams=Streams(2))
    with served(counter.app, threads=4) as url:
        host, port = url.removeprefix("http://").split(":")
        vanishing = socket.create_connection((host, int(port)), 10, ("127.0.0.2", 0))
        assert status_of_stream(vanishing) == b"200"
        with connections((host, int(port)), 1) as [early]:
            assert status_of_stream(early) == b"503"
        leave(vanishing, leaves)
        until = time.monotonic() + 20
        while True:
            with connections((host, int(port)), 1) as [other]:
                if status_of_stream(other) == b"200":
                    break
            assert time.monotonic() < until, "its place is never free again"
            time.sleep(0.1)
        vanishing.close()
        counter.station.scene.close()


def status_of_stream(client: socket.socket) -> bytes:
    client.sendall(b"GET /events HTTP/1.1\r\nHost: kiosk\r\n\r\n")
    return client.recv(65536)[9:12]


SO_ATTACH_FILTER = 26
"""socket(7); Python has no name for it."""


def leave(client: socket.socket, how: str) -> None:
    """End a connection; vanished: nothing that arrives is confirmed, as by a cut cable."""
    if how == "vanished":
        drops_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: ret 0
        program = struct.pack("HxxxxxxP", 1, ctypes.addressof(drops_all))
        client.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
        return
    if how == "reset":
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_a_stream_that_ends_frees_its_place() -> None:
    streams = Streams(4)
    streams.take_place()
    streams.take_place()
    with pytest.raises(TooManyStreams) as told:
        streams.take_place()
    assert told.value.retry_after == 5
    streams.take_seat()
    streams.leave()
    streams.leave()
    streams.take_place()
