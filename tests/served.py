"""An application on a free port, for tests that ask it over a socket."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from shared.web.crowds import Crowd
from shared.web.serving import bound, make_server

STREAMS = 24
"""Threads; every open event stream and preview of a page holds one."""

ORDINARY = Crowd()


@contextmanager
def served(app: Flask, threads: int = STREAMS, crowd: Crowd = ORDINARY) -> Iterator[str]:
    """Serve it as an installation does, for as long as the block; gives its address."""
    server = make_server(app, bound("127.0.0.1", 0), threads, crowd)
    ended = threading.Event()

    def loop() -> None:
        while not ended.is_set():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)

    serving = threading.Thread(target=loop)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        ended.set()
        serving.join()
        server.task_dispatcher.shutdown(timeout=1)
        server.close()
        server.asyncore.close_all(server._map)
