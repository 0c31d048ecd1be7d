"""An application on a free port, for tests that ask it over a socket."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from waitress import create_server
from werkzeug.serving import make_server

from shared.web.serving import refuse_with_pages


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve it for as long as the block; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@contextmanager
def served_by_waitress(app: Flask, threads: int = 4) -> Iterator[str]:
    """The same with the server of an installation, its limit on bodies and its own refusals."""
    server = create_server(
        app, host="127.0.0.1", port=0, threads=threads, max_request_body_size=64 * 1024
    )
    refuse_with_pages(server, app)
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
        server.task_dispatcher.shutdown()
        server.close()
        server.asyncore.close_all(server._map)
