"""The processes of `verifier serve`: gunicorn keeps so many alive, each with threads of its own."""

import fcntl
import socket
import tempfile
from threading import Thread
from typing import IO, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from prometheus_client.multiprocess import mark_process_dead
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.db.session import Hurry
from shared.key_files import COOKIE, read_pinned
from shared.settings import read_secret
from verifier.fresh_keys import end_when_exchanged, seen_in
from verifier.installation import Installation
from verifier.serving import Rooms, create_app
from verifier.settings import VerifierSettings, open_installation
from verifier.watch import Watch

_SUPERVISORS_AT_ONCE = 4
"""Connections of each process for the console."""
_KEEP_ALIVE = 75
"""Seconds: longer than a proxy or kiosk keeps an idle connection."""
_ENDING = 8
"""Seconds that requests under way get when the process is told to end."""


class Workers(BaseApplication):  # type: ignore[misc]
    """Serves one registry on a bound socket until told to end."""

    def __init__(self, settings: VerifierSettings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._turn = tempfile.TemporaryFile()  # noqa: SIM115 - every worker keeps it open
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn is told."""
        chosen: dict[str, Any] = {
            "bind": f"fd://{self._listener.fileno()}",
            "workers": self._settings.workers,
            "threads": self._settings.threads,
            "worker_class": "gthread",
            "keepalive": _KEEP_ALIVE,
            "graceful_timeout": _ENDING,
            "logger_class": _OurLog,
            "control_socket_disable": True,
            "child_exit": _count_no_more,
        }
        for name, value in chosen.items():
            if name in self.cfg.settings:  # the control socket is newer than the oldest we take
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """One worker's application, after the fork: no connection is shared."""
        settings = self._settings
        keys = seen_in(settings.keys)
        rooms = Rooms(
            open_installation(settings, Hurry(settings.threads)),
            open_installation(settings, Hurry(_SUPERVISORS_AT_ONCE, 10, 30, 300)),
            settings.threads,
        )
        app = create_app(rooms, read_pinned(settings.keys), read_secret(settings.keys / COOKIE))
        if settings.trusted_proxies:
            app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
                app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1
            )
        keeper = Thread(target=_watch_in_turn, args=(self._turn, rooms.console), daemon=True)
        keeper.start()
        end_when_exchanged(settings, keys)
        return app


class _OurLog(Logger):  # type: ignore[misc]
    """gunicorn's words in our log, one JSON object a line; requests are not logged."""

    def setup(self, cfg: Any) -> None:
        """Leave its own handlers away."""
        self.cfg = cfg
        self.error_log.handlers[:] = []
        self.error_log.propagate = True


def _count_no_more(_master: Any, worker: Any) -> None:
    """What a worker counted stays in the sums; what was true only while it lived does not."""
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _watch_in_turn(turn: IO[bytes], house: Installation) -> None:
    """One worker of a machine watches over the journal; when it dies the next one does.

    A record lock (POSIX) belongs to a process, also on a file that was opened before the fork.
    """
    fcntl.lockf(turn, fcntl.LOCK_EX)
    with Watch(house) as watch:
        watch.join()
