"""A network line that tests cut: a TCP proxy on a real socket."""

import contextlib
import socket
import threading
from enum import Enum, auto
from typing import Self
from urllib.parse import urlsplit

CHUNK = 65536


class Line(Enum):
    """What becomes of what is sent over it."""

    WHOLE = auto()
    CUT = auto()
    """Whoever connects is hung up on."""
    SILENT = auto()
    """Nothing comes back, and nobody hangs up."""
    ANSWER_CUT = auto()
    """Requests arrive; the line is cut when the answer comes."""


class CutLine:
    """Stands before the server at `address`. Ends with its block."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._upstream = (parts.hostname or "", parts.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.state = Line.WHOLE
        self.answers_to_cut: int | None = None
        """So many, then the line is whole again; None: all of them."""
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_of_error: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()
        for thread in self._threads:
            thread.join(5)

    def become(self, state: Line, answers: int | None = None) -> None:
        """Change the line, under whatever is on it."""
        self.state, self.answers_to_cut = state, answers
        if state is Line.CUT:
            self._hang_up()

    def _begin(self, work, *given: object) -> None:  # type: ignore[no-untyped-def]
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.state is Line.CUT:
                    client.close()
                    continue
                server = socket.create_connection(self._upstream)
                with self._lock:
                    self._open += [client, server]
                self._begin(self._carry, client, server, False)
                self._begin(self._carry, server, client, True)

    def _carry(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(CHUNK):
                if answers and self.state is Line.SILENT:
                    continue
                if answers and self._cuts():
                    break
                target.sendall(content)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _cuts(self) -> bool:
        if self.state is not Line.ANSWER_CUT:
            return False
        if self.answers_to_cut is not None:
            self.answers_to_cut -= 1
            if self.answers_to_cut <= 0:
                self.state = Line.WHOLE
        return True

    def _hang_up(self) -> None:
        with self._lock:
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._open.clear()
