"""Floods a portal over loopback: ``python -m tests.bench.flooding HOST PORT RATE SECONDS``.

Many connections from fifty addresses, each with a volley of requests at once, as fast as the rate
allows and the server takes them. Yields to everything else on the machine (nice 19). Prints JSON.
"""

import json
import os
import random
import re
import selectors
import socket
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

ADDRESSES = 50
CONNECTIONS = 200
VOLLEY = 32
"""Requests that a connection sends at once."""
PATIENCE = 2.0
"""Seconds after which a connection without an answer is given up."""
PATHS = ("/codes/new", "/", "/codes/", "/inquiry/", "/codes/none.pdf", "/api/v1/procedures")


@dataclass
class Flood:
    """What was sent, and what came back."""

    offered: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    """Connections that ended before any answer came."""


@dataclass
class Volley:
    """One connection."""

    client: socket.socket
    left: bytes
    until: float
    came: int = 0


def volley() -> bytes:
    """So many requests, of pages that cost something."""
    asked = (random.choice(PATHS) for _ in range(VOLLEY))
    return b"".join(f"GET {path} HTTP/1.1\r\nHost: portal\r\n\r\n".encode() for path in asked)


def flood(address: tuple[str, int], rate: float, seconds: float) -> Flood:
    """Offer `rate` requests a second for so long."""
    done, began = Flood(), time.monotonic()
    with selectors.DefaultSelector() as selector:
        while (now := time.monotonic()) < began + seconds:
            allowed = rate * (now - began)
            while done.offered < allowed and len(selector.get_map()) < CONNECTIONS:
                _open(selector, address, done)
            for key, _ in selector.select(0.01):
                _go_on(selector, key.data, done)
            _give_up(selector, now)
        for key in list(selector.get_map().values()):
            _end(selector, key.data)
    return done


def _open(selector: selectors.BaseSelector, address: tuple[str, int], done: Flood) -> None:
    client = socket.socket()
    client.setblocking(False)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # no TIME_WAIT
    client.bind((f"127.1.0.{random.randint(1, ADDRESSES)}", 0))
    client.connect_ex(address)
    done.offered += VOLLEY
    each = Volley(client, volley(), time.monotonic() + PATIENCE)
    selector.register(client, selectors.EVENT_READ | selectors.EVENT_WRITE, each)


def _go_on(selector: selectors.BaseSelector, each: Volley, done: Flood) -> None:
    try:
        if each.left:
            each.left = each.left[each.client.send(each.left) :]
            if not each.left:
                selector.modify(each.client, selectors.EVENT_READ, each)
        came = each.client.recv(1 << 20)
    except BlockingIOError:
        return
    except OSError:
        came = b""
    found = re.findall(rb"HTTP/1\.[01] (\d{3})", came)
    done.answers.update(status.decode() for status in found)
    each.came += len(found)
    if not came or each.came >= VOLLEY:
        done.cut += each.came == 0
        _end(selector, each)


def _give_up(selector: selectors.BaseSelector, now: float) -> None:
    for key in list(selector.get_map().values()):
        if key.data.until < now:
            _end(selector, key.data)


def _end(selector: selectors.BaseSelector, each: Volley) -> None:
    selector.unregister(each.client)
    each.client.close()


if __name__ == "__main__":
    host, port, rate, seconds = sys.argv[1:]
    os.nice(19)
    sent = flood((host, int(port)), float(rate), float(seconds))
    told = {"offered": sent.offered, "answers": sent.answers, "cut": sent.cut}
    print(json.dumps(told))
