"""`/healthz` and `/readyz`: whether a process answers, and whether it can do its work.

The first is for whoever restarts it, the second for whoever sends requests to it. Neither needs a
sign-in or says more than the names of parts.
"""

from collections.abc import Callable, Iterable

from flask import Blueprint, Response

Lacking = Callable[[], Iterable[str]]
"""The names of the parts that do not work now."""


def create_health(lacking: Lacking) -> Blueprint:
    """Both addresses, to be registered beside whatever the process serves."""
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return _told("ok", 200)

    @bp.get("/readyz")
    def readyz() -> Response:
        """The process can do its work now: send it requests."""
        parts = sorted(lacking())
        return _told("not ready: " + " ".join(parts), 503) if parts else _told("ready", 200)

    return bp


def _told(word: str, status: int) -> Response:
    response = Response(f"{word}\n", status, content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response
