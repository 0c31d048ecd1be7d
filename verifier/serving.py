"""The registry's own web application: the API for kiosks, the console, what monitoring reads."""

from dataclasses import dataclass
from functools import partial

from flask import Flask

from shared.db import readiness
from shared.key_files import Pinned
from shared.web import install
from shared.web.health import create_health
from verifier import api
from verifier.console import create_console
from verifier.console.monitoring import create_monitoring
from verifier.installation import Installation

BODY = 64 * 1024
"""Bytes, as in every process of ours."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """One registry twice: a supervisor's long search never keeps a window waiting."""

    windows: Installation
    console: Installation
    threads: int = 8
    """That answer requests in this process."""


def create_app(rooms: Rooms, pinned: Pinned, secret_key: bytes) -> Flask:
    """Put the registry's application together; it keeps nothing between two requests."""
    app = Flask("verifier")
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=BODY,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_NAME="verifier",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # the console signs people out by itself
    )
    app.register_blueprint(api.create_api(rooms.windows, pinned, rooms.threads))
    app.register_blueprint(create_console(rooms.console))
    app.register_blueprint(create_monitoring(rooms.console))
    app.register_blueprint(create_health(partial(readiness.lacking, rooms.windows.sessions)))
    app.jinja_env.globals["rehearsal"] = rooms.console.opener.is_rehearsal
    install(app)
    api.exempt(app)
    return app
