"""`/healthz` and `/readyz`: whether a worker lives, and whether its registry answers it."""

import logging

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.db.session import reading
from verifier.installation import Installation

_log = logging.getLogger(__name__)
_PLAIN = "text/plain; charset=utf-8"


def create_health(installation: Installation) -> Blueprint:
    """Both pages, for a load balancer and for a supervisor of processes."""
    bp = Blueprint("health", __name__)

    @bp.get("/healthz")
    def healthz() -> Response:
        """This worker answers."""
        return Response("ok\n", content_type=_PLAIN)

    @bp.get("/readyz")
    def readyz() -> Response:
        """This worker can reach its registry: send it requests."""
        try:
            with reading(installation.sessions) as session:
                session.execute(text("SELECT 1 FROM offices LIMIT 1"))
        except SQLAlchemyError as error:
            _log.error("not ready: %s", type(error).__name__)
            return Response("the registry does not answer\n", 503, content_type=_PLAIN)
        return Response("ready\n", content_type=_PLAIN)

    return bp
