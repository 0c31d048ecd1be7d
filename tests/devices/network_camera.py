"""A network camera on a real socket, which can fail in all the ways of real ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import cv2

from hardware.tabletop import Pose, Table


class Stream(ThreadingHTTPServer):
    """A network camera: Motion JPEG over HTTP. It is unplugged, freezes, goes dark or silent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pictures)
        self.unplugged, self.frozen, self.covered = Event(), Event(), Event()
        self.silent = Event()
        self.address = f"http://127.0.0.1:{self.server_port}/stream.mjpg"
        self._table, self._last = Table(0), b""

    def picture(self) -> bytes:
        """What the sensor gives now, as JPEG."""
        if not self.frozen.is_set() or not self._last:
            noise = self._table.empty(Pose(noise=6))
            seen = noise // 30 if self.covered.is_set() else noise
            self._last = cv2.imencode(".jpg", seen)[1].tobytes()
        return self._last


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Stream)
        if self.server.unplugged.is_set():
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        while not self.server.unplugged.wait(0.04):
            if self.server.silent.is_set():
                continue
            jpeg = self.server.picture()
            head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + jpeg + b"\r\n")
            except OSError:
                return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing on standard error."""


@contextmanager
def streaming() -> Iterator[Stream]:
    """A camera that films while the block lasts."""
    with Stream() as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.unplugged.set()
        server.shutdown()
        thread.join()
