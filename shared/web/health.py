"""`/healthz` and `/readyz`: whether a process answers, and whether it can do its work.

The first is for whoever restarts it, the second for whoever sends requests to it. Neither needs a
sign-in or says more than the names of parts.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus

from flask import Blueprint, Response, jsonify

Lacking = Callable[[], Iterable[str]]
"""The names of the parts that do not work now."""


def create_health(lacking: Lacking) -> Blueprint:
    """Both addresses, to be registered beside whatever the process serves."""
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def healthz() -> Response:
        """The process answers."""
        return _told([], HTTPStatus.OK)

    @bp.get("/readyz")
    def readyz() -> Response:
        """The process can do its work now."""
        parts = sorted(lacking())
        return _told(parts, HTTPStatus.SERVICE_UNAVAILABLE if parts else HTTPStatus.OK)

    return bp


def _told(lacking: list[str], status: HTTPStatus) -> Response:
    response = jsonify(ok=not lacking, lacking=lacking)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
