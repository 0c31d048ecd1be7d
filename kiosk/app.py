"""Builds the counter's application: a station and a preview in, a Flask application out."""

from flask import Flask

from kiosk import (
    acts,
    commission_pages,
    desk_pages,
    events,
    paper_pages,
    plan_pages,
    queue_pages,
    screens,
    speaking,
    visitor_pages,
    wedge,
)
from kiosk.house import EXTENSION, House
from shared.web import install
from shared.web.health import create_health
from verifier.console import create_console
from verifier.console.monitoring import create_monitoring
from verifier.installation import Installation

BODY = 64 * 1024
"""Bytes; a basket of two hundred vehicles takes about twenty thousand."""


def create_app(house: House, secret_key: bytes, installation: Installation | None = None) -> Flask:
    """Put the counter together; with an installation its console is served beside it."""
    app = Flask("kiosk")
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=BODY,
        MAX_FORM_PARTS=5000,
        SESSION_COOKIE_NAME="kiosk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a screen may stand all day; the seat bounds it
    )
    app.extensions[EXTENSION] = house
    for blueprint in (
        screens.bp,
        acts.bp,
        desk_pages.bp,
        paper_pages.bp,
        plan_pages.bp,
        queue_pages.bp,
        commission_pages.bp,
        events.bp,
        wedge.bp,
        visitor_pages.bp,
    ):
        app.register_blueprint(blueprint)
    if installation is not None:
        app.register_blueprint(create_console(installation))
        app.register_blueprint(create_monitoring(installation))
    app.register_blueprint(create_health(house.lacking))
    app.jinja_env.globals["rehearsal"] = house.is_rehearsal
    install(app, choose_language=speaking.chosen)
    return app
